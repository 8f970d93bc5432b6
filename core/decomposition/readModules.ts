import { AtlasError } from '../errors/AtlasError.ts'
import type { Axis, CheckpointKeys } from './CheckpointKeys.ts'
import { dashed } from './currentKeys.ts'
import type { CiFunction, DecomposedModule } from './Decomposition.ts'
import type { ModuleSite } from './decomposableModules.ts'
import { matchesPattern } from './matchesPattern.ts'
import type { ModulePattern, RunConfig } from './readRunConfig.ts'

/**
 * The modules that have V and U in the checkpoint, in the order of `sites`. Each is matched by a pattern of the config,
 * each pattern matches one, and shapes are those that site, C and CI kind ask for.
 */
export function readModules(
  sites: readonly ModuleSite[],
  config: RunConfig,
  keys: CheckpointKeys,
  configName: string,
): readonly DecomposedModule[] {
  const matched = new Set<ModulePattern>()
  const modules: DecomposedModule[] = []
  for (const site of sites) {
    const patterns = config.patterns.filter((each) => expects(each, site))
    const isPresent = keys.has(keyOf(site, 'V')) || keys.has(keyOf(site, 'U'))
    if (patterns.length === 0 && !isPresent) continue
    for (const pattern of patterns) matched.add(pattern)
    const C = agreedC(patterns, site, configName, keys.place)
    modules.push(readModule(site, C, config, keys, configName))
  }
  const idle = config.patterns.find((pattern) => !matched.has(pattern))
  if (idle !== undefined) {
    throw new AtlasError(
      'config/invalid',
      `${configName}: module pattern "${idle.pattern}" matches no module of the target model`,
    )
  }
  return modules
}

/** Identities exist only where an identity pattern inserts them. */
const expects = ({ pattern, isIdentity }: ModulePattern, { path, role }: ModuleSite): boolean =>
  isIdentity === (role.kind === 'identity') && matchesPattern(path, pattern)

const keyOf = ({ path }: ModuleSite, part: 'V' | 'U' | 'bias'): string => `_components.${dashed(path)}.${part}`

function agreedC(
  patterns: readonly ModulePattern[],
  { path }: ModuleSite,
  configName: string,
  checkpointName: string,
): number {
  const [first, ...others] = patterns
  if (first === undefined) {
    throw new AtlasError(
      'config/invalid',
      `${configName}: no module pattern matches ${path}, which ${checkpointName} decomposes`,
    )
  }
  const other = others.find(({ C }) => C !== first.C)
  if (other !== undefined) {
    throw new AtlasError(
      'config/invalid',
      `${configName}: ${path} has C ${first.C} by "${first.pattern}" and ${other.C} by "${other.pattern}"`,
    )
  }
  return first.C
}

function readModule(
  site: ModuleSite,
  C: number,
  config: RunConfig,
  keys: CheckpointKeys,
  configName: string,
): DecomposedModule {
  const { path, dIn, dOut, role, hasBias, layer, kind } = site
  if (role.kind === 'embedding' && config.run.ciKind !== 'mlp') {
    throw new AtlasError(
      'config/unsupported',
      `${configName}: CI functions of the embedding ${path} are of kind ${config.run.ciKind}, expected mlp`,
    )
  }
  const V = keys.take(keyOf(site, 'V'), `V of ${path}`, [
    [role.kind === 'embedding' ? 'vocabulary' : 'd_in', dIn],
    ['C', C],
  ])
  const U = keys.take(keyOf(site, 'U'), `U of ${path}`, [
    ['C', C],
    ['d_out', dOut],
  ])
  // A copy of the target's own bias, which the graphs use.
  if (hasBias) keys.takeOptional(keyOf(site, 'bias'), `bias of V and U of ${path}`, [['d_out', dOut]])
  return { path, layer, kind, role, dIn, dOut, C, V, U, ciFunction: readCiFunction(site, C, config, keys) }
}

/** The odd numbers of the layers are GELUs. */
function readCiFunction({ path, dIn }: ModuleSite, C: number, { run }: RunConfig, keys: CheckpointKeys): CiFunction {
  const first = run.ciKind === 'mlp' ? 1 : dIn
  const last = run.ciKind === 'shared_mlp' ? C : 1
  const each: readonly Axis[] = run.ciKind === 'shared_mlp' ? [] : [['C', C]]
  const widths = [first, ...run.ciHidden, last]
  const layers = widths.slice(1).map((out, i) => {
    const key = `_ci_fns.${dashed(path)}.layers.${2 * i}`
    const subject = `of layer ${2 * i} of the CI function of ${path}`
    return {
      W: keys.take(`${key}.W`, `W ${subject}`, [...each, ['in', widths[i] ?? 0], ['out', out]]),
      b: keys.take(`${key}.b`, `b ${subject}`, [...each, ['out', out]]),
    }
  })
  return { kind: run.ciKind, layers }
}
