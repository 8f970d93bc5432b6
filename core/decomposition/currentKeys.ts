import type { WeightTensor } from '../bytes/WeightTensor.ts'
import { AtlasError } from '../errors/AtlasError.ts'

/**
 * The tensors of a checkpoint under the names the spd package gives them since October 2025; each keeps its own key for
 * messages. Layouts that cannot be read are refused by the name of a key.
 */
export function currentKeys(
  tensors: ReadonlyMap<string, WeightTensor>,
  place: string,
): ReadonlyMap<string, WeightTensor> {
  const current = new Map<string, WeightTensor>()
  for (const [key, tensor] of tensors) {
    refuseUnreadable(key, place)
    const name = currentKey(key)
    const other = current.get(name)
    if (other !== undefined) {
      throw new AtlasError('checkpoint/unknown-key', `${place}: keys "${other.key}" and "${key}" both mean "${name}"`)
    }
    current.set(name, tensor)
  }
  return current
}

/** The rules of spd's component_model.py (handle_deprecated_state_dict_keys_), and its ci_fn wrapper of January 2026. */
function currentKey(key: string): string {
  const renamed = key
    .replace(/^ci_fn\._ci_fns\./, '_ci_fns.')
    .replace(/^_gates\./, '_ci_fns.')
    .replace(/^patched_model\./, 'target_model.')
    .replace(/\.original\.(weight|bias)$/, '.$1')
  return renamed.replace(
    /^target_model\.(.+)\.components\.(U|V|bias)$/,
    (_, path: string, part: string) => `_components.${dashed(path)}.${part}`,
  )
}

/** How keys of V, U and CI functions write a module's path. */
export const dashed = (path: string): string => path.replaceAll('.', '-')

function refuseUnreadable(key: string, place: string): void {
  const refuse = (found: string, expected: string): never => {
    throw new AtlasError('checkpoint/unknown-key', `${place}: key "${key}" is of ${found}, expected ${expected}`)
  }
  if (/(^|\.)_global_ci_fn\./.test(key)) refuse('one CI function over all modules', 'a CI function a module')
  if (/\.(mlp_in|mlp_out|in_bias|out_bias)$/.test(key)) refuse('a gate of July 2025 or before', 'layers.<n>.W and .b')
  if (/(^|[.-])identity_/.test(key)) refuse('an identity of October 2025 or before', '<path>.pre_identity')
}
