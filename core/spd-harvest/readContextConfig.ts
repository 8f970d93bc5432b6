import * as v from 'valibot'
import { parse, parseJson } from './parseHarvestJson.ts'

/** How a harvest was made, as far as reading it needs to know. */
export interface ContextConfig {
  /** Active is CI strictly greater. */
  readonly threshold: number
  /** Positions a window reaches each way. */
  readonly radius: number
}

const threshold = v.pipe(v.number(), v.minValue(0), v.maxValue(1))
const radius = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000))

const jsonSchema = v.object({ ci_threshold: threshold, activation_context_tokens_per_side: radius })

const methodSchema = v.object({ type: v.literal('SPDHarvestConfig'), activation_threshold: threshold })
const databaseSchema = v.object({ method_config: methodSchema, activation_context_tokens_per_side: radius })

/** Settings in config.json of the layout to February 2026; `place` is for messages. */
export function readJsonConfig(text: string, place: string): ContextConfig {
  const config = parse(jsonSchema, parseJson(text, place), place)
  return { threshold: config.ci_threshold, radius: config.activation_context_tokens_per_side }
}

/** Settings in the rows of harvest.db's table config, each value JSON; a harvest of another method is refused. */
export function readDatabaseConfig(rows: ReadonlyMap<string, string>, place: string): ContextConfig {
  const values = [...rows].map(([key, value]) => [key, parseJson(value, `${place}, ${key}`)] as const)
  const config = parse(databaseSchema, Object.fromEntries(values), place)
  return { threshold: config.method_config.activation_threshold, radius: config.activation_context_tokens_per_side }
}
