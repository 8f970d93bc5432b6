import { AtlasError } from '../errors/AtlasError.ts'

/** Word characters of the Rust regex crate's \w. */
const WORD = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200C\\u200D'
/** ASCII punctuation (symbols such as $ included) and Unicode's. */
const PUNCTUATION = '[\\p{P}\\u0021-\\u002F\\u003A-\\u0040\\u005B-\\u0060\\u007B-\\u007E]'

type Step = Readonly<Record<string, unknown>>

/**
 * A normalizer or pre-tokenizer of tokenizer.json, rewritten so that @huggingface/tokenizers 0.2.0 splits text exactly
 * as the `tokenizers` package (0.23.2) that trained it. The port reads \w and \d as ASCII, keeps runs of punctuation
 * together where they are to be isolated (`!"` becomes the unknown token), and lower-cases a final sigma by context.
 */
export function restoreReferenceSplitting(step: unknown, place: string): unknown {
  if (!isStep(step)) return step
  switch (step.type) {
    case 'Sequence':
      return restoreSequence(step, place)
    case 'Lowercase':
      return {
        type: 'Sequence',
        normalizers: [{ type: 'Replace', pattern: { String: 'Σ' }, content: 'σ' }, step],
      }
    case 'Whitespace':
      return {
        type: 'Split',
        pattern: { Regex: `[${WORD}]+|[^${WORD}\\p{White_Space}]+` },
        behavior: 'Removed',
        invert: true,
      }
    case 'Punctuation':
      return split(PUNCTUATION, step.behavior ?? 'Isolated', place)
    case 'Digits':
      return split(step.individual_digits === true ? '\\p{N}' : '\\p{N}+', 'Isolated', place)
    case 'Split':
      assertFollowed(step, place)
      return step
    default:
      return step
  }
}

function restoreSequence(step: Step, place: string): Step {
  const key = 'normalizers' in step ? 'normalizers' : 'pretokenizers'
  const steps = step[key]
  if (!Array.isArray(steps)) throw new AtlasError('tokenizer/invalid', `${place}: Sequence without ${key}`)
  return { ...step, [key]: steps.map((inner: unknown) => restoreReferenceSplitting(inner, place)) }
}

function split(pattern: string, behavior: unknown, place: string): Step {
  const runs = behavior === 'Contiguous'
  const step = {
    type: 'Split',
    pattern: { Regex: runs ? `${pattern}+` : pattern },
    behavior: runs ? 'Isolated' : behavior,
    invert: false,
  }
  assertFollowed(step, place)
  return step
}

/** The port isolates where it should merge or keep runs, and drops what stands between inverted matches. */
function assertFollowed(step: Step, place: string): void {
  if (step.behavior === 'Removed' || (step.behavior === 'Isolated' && step.invert !== true)) return
  const found = `${String(step.behavior)}${step.invert === true ? ', inverted' : ''}`
  throw new AtlasError('tokenizer/invalid', `${place}: split behavior ${found}, expected Isolated or Removed`)
}

const isStep = (step: unknown): step is Step => typeof step === 'object' && step !== null && !Array.isArray(step)
