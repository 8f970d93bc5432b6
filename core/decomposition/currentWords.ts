import { AtlasError } from '../errors/AtlasError.ts'

type Words = Readonly<Record<string, unknown>>

const RENAMED: readonly (readonly [old: string, current: string])[] = [
  ['gate_type', 'ci_fn_type'],
  ['gate_hidden_dims', 'ci_fn_hidden_dims'],
  ['pretrained_model_name_hf', 'pretrained_model_name'],
]

/** The words of a run config as the spd package writes them since January 2026; words it never knew stay as they are. */
export function currentWords(config: Words, place: string): Words {
  const words: Record<string, unknown> = { ...config }
  for (const [old, current] of RENAMED) {
    if (!(old in words)) continue
    refuseBoth(words, old, current, place)
    words[current] = words[old]
    delete words[old]
  }
  return currentClass(currentCiConfig(currentModuleInfo(words, place), place))
}

/** Until November 2025 all modules had the same C. */
function currentModuleInfo(words: Words, place: string): Words {
  if (!('target_module_patterns' in words)) return words
  refuseBoth(words, 'target_module_patterns', 'module_info', place)
  const { C, target_module_patterns: targets, identity_module_patterns: identities, ...rest } = words
  const withC = (patterns: unknown): unknown =>
    Array.isArray(patterns) ? patterns.map((module_pattern: unknown) => ({ module_pattern, C })) : patterns
  return { ...rest, module_info: withC(targets), identity_module_info: withC(identities ?? null) }
}

/** Until January 2026 every CI function was of one module. */
function currentCiConfig(words: Words, place: string): Words {
  if (!('ci_fn_type' in words)) return words
  refuseBoth(words, 'ci_fn_type', 'ci_config', place)
  const { ci_fn_type: fn_type, ci_fn_hidden_dims: hidden_dims, ...rest } = words
  return { ...rest, ci_config: { mode: 'layerwise', fn_type, hidden_dims } }
}

function currentClass(words: Words): Words {
  const { pretrained_model_class: name } = words
  if (typeof name !== 'string') return words
  return { ...words, pretrained_model_class: name.replace(/^simple_stories_train\.models\./, 'spd.pretrain.models.') }
}

function refuseBoth(words: Words, old: string, current: string, place: string): void {
  if (current in words) {
    throw new AtlasError('config/invalid', `${place}: both ${old} and ${current} are given, expected one`)
  }
}
