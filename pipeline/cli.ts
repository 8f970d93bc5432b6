import { createTerminal } from './node/createTerminal.ts'
import { registerConvert } from './registerConvert.ts'
import { type RegisterCommand, runCommands } from './runCommands.ts'

const commands: readonly RegisterCommand[] = [registerConvert]

process.exitCode = await runCommands(commands, process.argv.slice(2), createTerminal())
