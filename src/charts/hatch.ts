/** Fill of what is dead: a hatch on paper. The page defines it once, under this id; an exported figure takes a copy along. */
export const HATCH_FILL = 'url(#hatch)'
