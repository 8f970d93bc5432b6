import * as v from 'valibot'
import type { CiKind } from '../core/decomposition/Decomposition.ts'
import { AtlasError } from '../core/errors/AtlasError.ts'
import { DEFAULT_ACTIVE, DEFAULT_C, planModules } from '../core/synthesis/planModules.ts'
import type { SyntheticRun } from '../core/synthesis/SyntheticRun.ts'
import { SEED_REPORT_C, seedReportShares } from '../core/synthesis/seedReportShares.ts'
import { readText } from './node/files.ts'

export interface SynthesizeOptions {
  readonly out: string
  readonly seed: number
  readonly preset?: 'seed-report'
  readonly c?: number
  readonly cPerKind?: string
  readonly active?: number
  readonly activePerModule?: string
  readonly ciKind: CiKind
  /** Widths of the hidden layers. */
  readonly hidden: readonly number[]
  readonly threshold: number
  readonly calibrationPositions: number
  readonly threads?: number
  readonly layers: number
  readonly width: number
  readonly heads: number
  readonly kvHeads: number
  readonly mlpWidth: number
  readonly vocabulary: number
  readonly context: number
  readonly stories: number
  readonly storyLength: number
}

/** The run that the options ask for; refuses ones that contradict each other (arguments/invalid). */
export async function readSyntheticRun(options: SynthesizeOptions): Promise<SyntheticRun> {
  assertSizesFit(options)
  const wishes = {
    C: options.c ?? (options.preset === undefined ? DEFAULT_C : SEED_REPORT_C),
    cByKind: options.cPerKind === undefined ? new Map<string, number>() : readCounts(options.cPerKind),
    active: await readActive(options),
  }
  return {
    seed: options.seed,
    target: {
      layers: options.layers,
      width: options.width,
      heads: options.heads,
      keyValueHeads: options.kvHeads,
      mlpWidth: options.mlpWidth,
      vocabularySize: options.vocabulary,
      contextLength: options.context,
    },
    ciKind: options.ciKind,
    ciHidden: options.hidden,
    modules: planModules(options.layers, wishes),
    threshold: options.threshold,
    corpus: { storyCount: options.stories, meanTokens: options.storyLength },
    calibrationPositions: options.calibrationPositions,
  }
}

function assertSizesFit({ width, heads, kvHeads, context, storyLength }: SynthesizeOptions): void {
  const refuse = (finding: string): never => {
    throw new AtlasError('arguments/invalid', finding)
  }
  if (width % (2 * heads) !== 0) refuse(`--width ${width}: expected an even multiple of the ${heads} heads`)
  if (heads % kvHeads !== 0) refuse(`--kv-heads ${kvHeads}: expected a divisor of the ${heads} heads`)
  if (storyLength > context) refuse(`--story-length ${storyLength}: expected at most the context of ${context}`)
}

async function readActive(options: SynthesizeOptions): Promise<number | ReadonlyMap<string, number>> {
  const { preset, active, activePerModule } = options
  if (preset !== undefined) return seedReportShares()
  if (activePerModule === undefined) return active ?? DEFAULT_ACTIVE
  const text = await readText(activePerModule)
  return activePerModule.endsWith('.csv') ? readShareRows(text, activePerModule) : readShares(text, activePerModule)
}

const shareSchema = v.pipe(v.number(), v.minValue(0), v.maxValue(1))
const sharesSchema = v.record(v.string(), shareSchema)
const countsSchema = v.record(v.string(), v.pipe(v.number(), v.safeInteger(), v.minValue(1)))

function readShares(text: string, place: string): ReadonlyMap<string, number> {
  return new Map(Object.entries(parseJson(sharesSchema, text, place)))
}

function readCounts(text: string): ReadonlyMap<string, number> {
  return new Map(Object.entries(parseJson(countsSchema, text, '--c-per-kind')))
}

/** Rows of module path and share, below the line "module,active". */
function readShareRows(text: string, place: string): ReadonlyMap<string, number> {
  const [header, ...rows] = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  if (header !== 'module,active') {
    throw new AtlasError('arguments/invalid', `${place}: first line is "${header ?? ''}", expected "module,active"`)
  }
  return new Map(
    rows.map((row) => {
      const [path = '', share = ''] = row.split(',')
      const parsed = v.safeParse(shareSchema, share.trim() === '' ? Number.NaN : Number(share))
      if (parsed.success) return [path, parsed.output]
      throw new AtlasError('arguments/invalid', `${place}: row "${row}", expected a module and a share from 0 to 1`)
    }),
  )
}

function parseJson<Schema extends v.GenericSchema>(schema: Schema, text: string, place: string): v.InferOutput<Schema> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new AtlasError('arguments/invalid', `${place}: is not JSON`, { cause })
  }
  const parsed = v.safeParse(schema, json)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw new AtlasError('arguments/invalid', `${place}, ${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`)
}
