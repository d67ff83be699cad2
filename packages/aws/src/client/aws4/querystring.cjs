// What aws4 takes of `querystring`, loaded when it is called: for paths with a query.
const querystring = () => process.getBuiltinModule('node:querystring')
exports.parse = text => querystring().parse(text)
exports.stringify = query => querystring().stringify(query)
