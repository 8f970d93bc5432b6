import { createTerminal } from './node/createTerminal.ts'
import { registerConvert } from './registerConvert.ts'
import { registerHarvest } from './registerHarvest.ts'
import { registerIndex } from './registerIndex.ts'
import { registerIntervene } from './registerIntervene.ts'
import { registerObserve } from './registerObserve.ts'
import { type RegisterCommand, runCommands } from './runCommands.ts'

const commands: readonly RegisterCommand[] = [
  registerConvert,
  registerObserve,
  registerIntervene,
  registerHarvest,
  registerIndex,
]

process.exitCode = await runCommands(commands, process.argv.slice(2), createTerminal())
