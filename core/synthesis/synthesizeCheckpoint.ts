import { dashed } from '../decomposition/currentKeys.ts'
import { decomposableModules, type ModuleSite } from '../decomposition/decomposableModules.ts'
import { invariant } from '../errors/invariant.ts'
import type { OpenSession } from '../graph/InferenceSession.ts'
import type { NamedShape, NamedTensor } from '../safetensors/writeSafetensors.ts'
import { type CiNumbers, ciBiasShape } from './CiNumbers.ts'
import { calibrateModule } from './calibrateModule.ts'
import { collectModuleInputs, type ModuleInputs, type PositionSample } from './collectModuleInputs.ts'
import { ciWeightShapes, drawCiFunction } from './drawCiFunction.ts'
import { drawReadVectors } from './drawReadVectors.ts'
import { fitWriteVectors } from './fitWriteVectors.ts'
import { planFiring } from './planFiring.ts'
import type { SyntheticModule, SyntheticRun } from './SyntheticRun.ts'
import type { SyntheticTarget } from './syntheticTarget.ts'

/** What became of one module. */
export interface ModuleReport {
  readonly path: string
  /** ‖W − (V U)ᵀ‖² / ‖W‖² */
  readonly faithfulness: number
}

/** Keys and shapes of the checkpoint of `run`, in the order in which `synthesizeCheckpoint` gives its tensors. */
export function checkpointShapes(run: SyntheticRun, target: SyntheticTarget): readonly NamedShape[] {
  return [
    ...target.tensors.map(({ key, shape }) => ({ name: key, shape })),
    ...sitesOf(run, target).flatMap(({ module, site }) => moduleShapes(run, module, site)),
  ]
}

/**
 * The tensors of the checkpoint of `run`, the target model's and then module by module, calibrated on `sample`. In memory
 * are one module, and of its block what the modules read at the positions of the sample.
 */
export async function* synthesizeCheckpoint(
  run: SyntheticRun,
  target: SyntheticTarget,
  sample: PositionSample,
  openSession: OpenSession,
  onModule: (report: ModuleReport) => void,
): AsyncGenerator<NamedTensor> {
  for (const { key, shape, read } of target.tensors) yield { name: key, shape, data: await read() }
  const sites = sitesOf(run, target)
  for (const layer of new Set(sites.map(({ site }) => site.layer))) {
    const ofBlock = sites.filter(({ site }) => site.layer === layer)
    const paths = ofBlock.map(({ site }) => site.path)
    const inputsByPath = await collectModuleInputs(openSession, target.model, paths, sample)
    for (const { module, site } of ofBlock) {
      const inputs = inputsByPath.get(module.path)
      const weight = target.tensors.find(({ key }) => key === `target_model.${module.path}.weight`)
      invariant(inputs !== undefined && weight !== undefined, `${module.path} is a matrix of the target model`)
      const made = await synthesizeModule(run, module, site, await weight.read(), inputs, openSession)
      onModule({ path: module.path, faithfulness: made.faithfulness })
      const shapes = moduleShapes(run, module, site)
      const numbers = [made.V, made.U, ...made.ciNumbers.layers.flatMap(({ W, b }) => [W, b])]
      for (const [i, data] of numbers.entries()) {
        const named = shapes[i]
        invariant(named !== undefined, `${module.path} has ${shapes.length} tensors`)
        yield { ...named, data }
      }
    }
  }
}

interface ModuleAtSite {
  readonly module: SyntheticModule
  readonly site: ModuleSite
}

function sitesOf({ modules }: SyntheticRun, { model }: SyntheticTarget): readonly ModuleAtSite[] {
  const sites = decomposableModules(model)
  return modules.map((module) => {
    const site = sites.find(({ path }) => path === module.path)
    invariant(site !== undefined, `${module.path} is a matrix of the target model`)
    return { module, site }
  })
}

function moduleShapes(run: SyntheticRun, { path, C }: SyntheticModule, { dIn, dOut }: ModuleSite): NamedShape[] {
  const weightShapes = ciWeightShapes({ kind: run.ciKind, hidden: run.ciHidden, C, dIn })
  return [
    { name: `_components.${dashed(path)}.V`, shape: [dIn, C] },
    { name: `_components.${dashed(path)}.U`, shape: [C, dOut] },
    // The odd numbers of the layers are GELUs.
    ...weightShapes.flatMap((shape, i) => [
      { name: `_ci_fns.${dashed(path)}.layers.${2 * i}.W`, shape },
      { name: `_ci_fns.${dashed(path)}.layers.${2 * i}.b`, shape: ciBiasShape(shape) },
    ]),
  ]
}

interface ModuleNumbers {
  readonly V: Float32Array
  readonly U: Float32Array
  readonly faithfulness: number
  readonly ciNumbers: CiNumbers
}

async function synthesizeModule(
  { seed, ciKind, ciHidden, threshold }: SyntheticRun,
  { path, C, activeCount }: SyntheticModule,
  { dIn, dOut }: ModuleSite,
  W: Float32Array,
  inputs: ModuleInputs,
  openSession: OpenSession,
): Promise<ModuleNumbers> {
  const V = drawReadVectors(seed, path, { dIn, dOut, C })
  const { U, faithfulness } = fitWriteVectors(W, V, { dIn, dOut, C })
  const ciShape = { kind: ciKind, hidden: ciHidden, C, dIn }
  const ciNumbers = drawCiFunction(seed, path, ciShape, rootMeanSquare(inputs.rows))
  const firing = planFiring(seed, path, C, activeCount)
  await calibrateModule(openSession, { path, C, dOut, V, ciNumbers }, firing, inputs, threshold)
  return { V, U, faithfulness, ciNumbers }
}

function rootMeanSquare(numbers: Float32Array): number {
  let squares = 0
  for (const number of numbers) squares += number * number
  return Math.sqrt(squares / numbers.length)
}
