import { createTerminal } from './node/createTerminal.ts'
import { type RegisterCommand, runCommands } from './runCommands.ts'

const commands: readonly RegisterCommand[] = []

process.exitCode = await runCommands(commands, process.argv.slice(2), createTerminal())
