import { AtlasError } from '../errors/AtlasError.ts'

/** What addresses need to know of a module. */
export interface AddressableModule {
  readonly path: string
  readonly layer: number | null
  readonly kind: string
  /** Number of subcomponents, as the manifest names it. */
  readonly c: number
}

/** A module, or one subcomponent of it. */
export interface Address<Module extends AddressableModule = AddressableModule> {
  readonly module: Module
  readonly subcomponent: number | null
}

const KIND_LETTERS: Readonly<Record<string, string>> = {
  q_proj: 'q',
  k_proj: 'k',
  v_proj: 'v',
  o_proj: 'o',
  gate_proj: 'g',
  up_proj: 'u',
  down_proj: 'd',
}

/** Short names of modules by path, e.g. "l0.q"; as much of the path as keeps them apart. */
export function shortModuleNames(modules: readonly AddressableModule[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const propose of [shortest, withParent, fullPath]) {
    const open = modules.filter(({ path }) => !names.has(path))
    const proposals = open.map(propose)
    for (const [i, module] of open.entries()) {
      const name = proposals[i] ?? module.path
      if (proposals.indexOf(name) === proposals.lastIndexOf(name)) names.set(module.path, name)
    }
  }
  return names
}

/** The address of a subcomponent in full, "<module>:<c>". */
export function fullAddress(modulePath: string, subcomponent: number): string {
  return `${modulePath}:${subcomponent}`
}

/** What `text` names, e.g. "l0.q:26", "model.layers.0.self_attn.q_proj:26" or a module alone; `address/unknown` if nothing. */
export function readAddress<Module extends AddressableModule>(
  text: string,
  modules: readonly Module[],
): Address<Module> {
  const trimmed = text.trim()
  const colon = trimmed.lastIndexOf(':')
  const name = colon === -1 ? trimmed : trimmed.slice(0, colon)
  const names = shortModuleNames(modules)
  const module = modules.find(({ path }) => path === name || names.get(path) === name.toLowerCase())
  if (module === undefined) throw unknown(trimmed, `no module "${name}", expected a path or a short name`, names)
  if (colon === -1) return { module, subcomponent: null }
  const index = trimmed.slice(colon + 1)
  if (!/^\d+$/.test(index) || Number(index) >= module.c) {
    throw unknown(trimmed, `no subcomponent "${index}" in ${module.path}, expected 0 to ${module.c - 1}`, names)
  }
  return { module, subcomponent: Number(index) }
}

function shortest({ layer, kind }: AddressableModule): string {
  const letter = KIND_LETTERS[kind] ?? kind
  return layer === null ? letter : `l${layer}.${letter}`
}

function withParent({ path, layer }: AddressableModule): string {
  const end = path.split('.').slice(-2).join('.')
  return layer === null ? end : `l${layer}.${end}`
}

function fullPath({ path }: AddressableModule): string {
  return path
}

function unknown(text: string, found: string, names: ReadonlyMap<string, string>): AtlasError {
  const [example = ''] = names.values()
  return new AtlasError('address/unknown', `${text || 'empty address'}: ${found}`, { details: { text, example } })
}
