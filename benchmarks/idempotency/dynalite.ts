// The emulator in a process of its own, so that its work is nobody's.
// @ts-expect-error it has no types
import dynalite from 'dynalite'

const server = dynalite({ createTableMs: 0 })
server.listen(0, '127.0.0.1', () => process.send?.(server.address().port))
process.on('disconnect', () => process.exit())
