/** Specialisation classes of active subcomponents with the greatest number of unique tokens each takes, narrowest first. */
export const SPECIALISATION_CLASSES = [
  { name: 'truly_monosemantic', maxUniqueTokens: 1 },
  { name: 'highly_specialised', maxUniqueTokens: 5 },
  { name: 'specialised', maxUniqueTokens: 20 },
  { name: 'moderate', maxUniqueTokens: 100 },
  { name: 'polysemantic', maxUniqueTokens: Number.POSITIVE_INFINITY },
] as const

export type SpecialisationClass = (typeof SPECIALISATION_CLASSES)[number]['name']
export type SubcomponentClass = SpecialisationClass | 'dead'

/** Every value of the index's `class` column: dead, then the specialisation classes. */
export const SUBCOMPONENT_CLASSES: readonly SubcomponentClass[] = [
  'dead',
  ...SPECIALISATION_CLASSES.map((entry) => entry.name),
]

/** Class of a subcomponent that is active on `uniqueTokens` distinct tokens; dead at 0. */
export function subcomponentClass(uniqueTokens: number): SubcomponentClass {
  if (uniqueTokens === 0) return 'dead'
  const entry = SPECIALISATION_CLASSES.find(({ maxUniqueTokens }) => uniqueTokens <= maxUniqueTokens)
  return entry?.name ?? 'polysemantic'
}
