// What aws4 takes of `crypto`, loaded when it is called.
const crypto = () => process.getBuiltinModule('node:crypto')
exports.createHash = algorithm => crypto().createHash(algorithm)
exports.createHmac = (algorithm, key) => crypto().createHmac(algorithm, key)
