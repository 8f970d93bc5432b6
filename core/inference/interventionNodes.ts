import { type AddressableModule, readAddress } from '../decomposition/addresses.ts'
import { AtlasError } from '../errors/AtlasError.ts'

/** One subcomponent at one position, or at all where it is null. */
export interface InterventionNode {
  readonly modulePath: string
  readonly subcomponent: number
  readonly position: number | null
}

/** The node "<module>:<c>" or "<module>:<c>@<position>" names; `address/unknown` if the run or the story has none. */
export function readInterventionNode(
  text: string,
  modules: readonly AddressableModule[],
  storyLength: number,
): InterventionNode {
  const at = text.lastIndexOf('@')
  const { module, subcomponent } = readAddress(at === -1 ? text : text.slice(0, at), modules)
  if (subcomponent === null) {
    throw new AtlasError('address/unknown', `${text}: no subcomponent, expected ${module.path}:0 to ${module.c - 1}`)
  }
  const position = at === -1 ? null : text.slice(at + 1).trim()
  if (position !== null && (!/^\d+$/.test(position) || Number(position) >= storyLength)) {
    throw new AtlasError('address/unknown', `${text}: no position "${position}", expected 0 to ${storyLength - 1}`)
  }
  return { modulePath: module.path, subcomponent, position: position === null ? null : Number(position) }
}

/** "<module>:<c>" or "<module>:<c>@<position>". */
export function formatInterventionNode({ modulePath, subcomponent, position }: InterventionNode): string {
  return position === null ? `${modulePath}:${subcomponent}` : `${modulePath}:${subcomponent}@${position}`
}
