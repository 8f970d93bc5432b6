import * as v from 'valibot'
import { parse, parseJson } from './parseHarvestJson.ts'

/** How a harvest was made, as far as reading it needs to know. */
export interface ContextConfig {
  /** Active is CI strictly greater. */
  readonly threshold: number
  /** Positions a window reaches each way. */
  readonly radius: number
  /** What the harvest calls the run, e.g. "goodfire/spd/runs/s-55ea3f9b"; null where it does not. */
  readonly wandbPath: string | null
}

const threshold = v.pipe(v.number(), v.minValue(0), v.maxValue(1))
const tokensPerSide = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000))

const wandbPath = v.optional(v.string())

const jsonSchema = v.object({
  ci_threshold: threshold,
  activation_context_tokens_per_side: tokensPerSide,
  wandb_path: wandbPath,
})

const methodSchema = v.object({
  type: v.literal('SPDHarvestConfig'),
  activation_threshold: threshold,
  wandb_path: wandbPath,
})
const databaseSchema = v.object({ method_config: methodSchema, activation_context_tokens_per_side: tokensPerSide })

/** Settings in config.json of the layout to February 2026; `place` is for messages. */
export function readJsonConfig(text: string, place: string): ContextConfig {
  const { ci_threshold, activation_context_tokens_per_side, wandb_path } = parse(
    jsonSchema,
    parseJson(text, place),
    place,
  )
  return { threshold: ci_threshold, radius: activation_context_tokens_per_side, wandbPath: wandb_path ?? null }
}

/** Settings in the rows of harvest.db's table config, each value JSON; a harvest of another method is refused. */
export function readDatabaseConfig(rows: ReadonlyMap<string, string>, place: string): ContextConfig {
  const values = [...rows].map(([key, value]) => [key, parseJson(value, `${place}, ${key}`)] as const)
  const config = parse(databaseSchema, Object.fromEntries(values), place)
  const { activation_threshold, wandb_path } = config.method_config
  const radius = config.activation_context_tokens_per_side
  return { threshold: activation_threshold, radius, wandbPath: wandb_path ?? null }
}
