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

/** The value of a JSON or YAML text; tags other than YAML's own, duplicate keys and alias bombs are refused. */
export function parseConfigText({ name, text }: ConfigText): unknown {
  if (text.length > MAX_CONFIG_CHARACTERS) {
    throw new AtlasError(
      'format/too-large',
      `${name}: has ${text.length} characters, expected at most ${MAX_CONFIG_CHARACTERS}`,
    )
  }
  const isJson = text.trimStart().startsWith('{')
  try {
    return isJson ? JSON.parse(text) : parseYaml(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AtlasError('config/invalid', `${name}: is no readable ${isJson ? 'JSON' : 'YAML'} (${reason})`, { cause })
  }
}

/** A tag that the core schema does not know is only a warning of the library. */
function parseYaml(text: string): unknown {
  const document = parseDocument(text, { schema: 'core', prettyErrors: false, logLevel: 'silent' })
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
  const field = v.getDotPath(issue) ?? 'the whole'
  const isMissing = issue.received === 'undefined'
  const isClosedWord = issue.type === 'picklist' || issue.type === 'literal'
  throw new AtlasError(
    isClosedWord && !isMissing ? 'config/unsupported' : 'config/invalid',
    `${name}: ${field} is ${isMissing ? 'missing' : issue.received}, expected ${issue.expected ?? issue.message}`,
  )
}
