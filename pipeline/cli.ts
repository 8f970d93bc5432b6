import { createTerminal } from './node/createTerminal.ts'
import { registerConvert } from './registerConvert.ts'
import { registerEvaluate } from './registerEvaluate.ts'
import { registerHarvest } from './registerHarvest.ts'
import { registerIndex } from './registerIndex.ts'
import { registerIntervene } from './registerIntervene.ts'
import { registerMerge } from './registerMerge.ts'
import { registerObserve } from './registerObserve.ts'
import { registerSynthesize } from './registerSynthesize.ts'
import { registerTable } from './registerTable.ts'
import { registerVerify } from './registerVerify.ts'
import { type RegisterCommand, runCommands } from './runCommands.ts'

const commands: readonly RegisterCommand[] = [
  registerConvert,
  registerObserve,
  registerIntervene,
  registerHarvest,
  registerMerge,
  registerIndex,
  registerEvaluate,
  registerTable,
  registerVerify,
  registerSynthesize,
]

process.exitCode = await runCommands(commands, process.argv.slice(2), createTerminal())
