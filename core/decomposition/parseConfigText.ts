import * as v from 'valibot'
import { parseDocument } from 'yaml'
import { AtlasError } from '../errors/AtlasError.ts'

/** Text of a config and what messages call it, e.g. "final_config.yaml". */
export interface ConfigText {
  readonly name: string
  readonly text: string
}

/** Configs of real runs have 1 to 4 thousand characters; longer ones only cost time. */
const MAX_CONFIG_CHARACTERS = 2 ** 18
/** PyYAML writes an alias where a list stands twice; nested ones multiply. */
const MAX_ALIASES = 100

/** The words of a JSON or YAML text; tags other than YAML's own, words given twice and alias bombs are refused. */
export function parseConfigText({ name, text }: ConfigText): Readonly<Record<string, unknown>> {
  if (text.length > MAX_CONFIG_CHARACTERS) {
    throw new AtlasError(
      'format/too-large',
      `${name}: has ${text.length} characters, expected at most ${MAX_CONFIG_CHARACTERS}`,
    )
  }
  const value = text.trimStart().startsWith('{')
    ? parseStep(name, 'JSON', () => JSON.parse(text))
    : parseStep(name, 'YAML', () => parseYaml(text))
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new AtlasError('config/invalid', `${name}: is no list of words with their values`)
}

/** A failure of a library as ours. */
function parseStep(name: string, format: string, step: () => unknown): unknown {
  try {
    return step()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AtlasError('config/invalid', `${name}: is no readable ${format} (${reason})`, { cause })
  }
}

/** A tag that the core schema does not know is only a warning of the library; at log level 'silent' a second document is nothing. */
function parseYaml(text: string): unknown {
  const document = parseDocument(text, { schema: 'core', prettyErrors: false, logLevel: 'error' })
  const [problem] = [...document.errors, ...document.warnings]
  if (problem !== undefined) throw problem
  return document.toJS({ maxAliasCount: MAX_ALIASES })
}

/** `value` where it fits `schema`; else an error naming the first field that does not, what it is and what it may be. */
export function parseConfig<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  name: string,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, value)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  const field = String(v.getDotPath(issue))
  if (issue.received === 'undefined') throw new AtlasError('config/invalid', `${name}: ${field} is missing`)
  throw new AtlasError(
    issue.type === 'picklist' || issue.type === 'literal' ? 'config/unsupported' : 'config/invalid',
    `${name}: ${field} is ${issue.received}, expected ${issue.expected ?? issue.message}`,
  )
}
