import type { SourceActivity } from '../bundle/writing/IndexSource.ts'
import { AtlasError } from '../errors/AtlasError.ts'
import { invariant } from '../errors/invariant.ts'
import { CI_UNIT } from '../statistics/Activity.ts'
import type { FiringWindow } from '../statistics/FiringWindow.ts'
import type { TokenCounts } from '../statistics/TokenCounts.ts'
import type { SubcomponentContexts } from './ActivationContexts.ts'
import { readOutputTokens } from './readOutputTokens.ts'
import { readPartners } from './readPartners.ts'
import { readTokenCounts } from './readTokenCounts.ts'
import type { SpdHarvest } from './SpdHarvest.ts'

interface ActivityOptions {
  /** Index of the module in the bundle's order. */
  readonly moduleId: number
  /** ‖U_c‖ of each of its subcomponents. */
  readonly writeNorms: ArrayLike<number>
  /** Whether the tokenizer has a text for a row of the vocabulary. */
  readonly hasText: (tokenId: number) => boolean
}

/** All that a harvest says of one module, in the form an index takes; nothing is made up for what it does not say. */
export async function readModuleActivity(harvest: SpdHarvest, options: ActivityOptions): Promise<SourceActivity> {
  const { stats, coFirings, contexts } = harvest
  const rows = stats.modules[options.moduleId]
  invariant(rows !== undefined, `the harvest has no module ${options.moduleId}`)
  const { path, C } = rows
  const tokenCounts = await readTokenCounts(stats, rows)
  const active = tokenCounts.flatMap(({ counts }, c) => (counts.length > 0 ? [c] : []))
  const context = { path, C, active, writeNorms: options.writeNorms }
  const found = active.length === 0 ? new Map<number, SubcomponentContexts>() : await contexts.readModule(context)
  assertSameSubcomponents(found, active, `${contexts.name}: ${path}`)
  return {
    tokenCounts,
    ciSums: Float64Array.from(tokenCounts, (_, c) => ciSum(found.get(c), harvest)),
    examples: tokenCounts.map((counts, c) => (found.get(c)?.windows ?? []).filter((window) => isOf(window, counts))),
    outputTokens: await readOutputTokens(stats, rows, options.hasText),
    ...(coFirings === null ? {} : { coFirings: await readPartners(coFirings, stats.modules, rows) }),
  }
}

/** Whether a window fires on a token its subcomponent fires on; see readCutWindow for those that do not. */
function isOf({ tokenIds, firing }: FiringWindow, counts: TokenCounts): boolean {
  return counts.tokenIds.includes(tokenIds[firing] ?? -1)
}

/** The package says nothing of a dead subcomponent, whose CI is known only where the threshold is 0. */
function ciSum(found: SubcomponentContexts | undefined, { contexts, stats }: SpdHarvest): number {
  if (found === undefined) return contexts.threshold === 0 ? 0 : Number.NaN
  return (found.meanCi * stats.positionCount) / CI_UNIT
}

function assertSameSubcomponents(
  found: ReadonlyMap<number, SubcomponentContexts>,
  active: readonly number[],
  place: string,
): void {
  const absent = active.find((c) => !found.has(c))
  if (absent !== undefined) {
    throw new AtlasError('format/malformed', `${place}:${absent} is absent, and fires in the token statistics`)
  }
  const fires = new Set(active)
  const dead = [...found.keys()].find((c) => !fires.has(c))
  if (dead !== undefined) {
    throw new AtlasError('format/malformed', `${place}:${dead} is there, and never fires in the token statistics`)
  }
}
