const SPACE_BEFORE_PUNCTUATION = / ([,.!?;:])/g
/** An indefinite article; groups: its letter, a start that asks for "an", a start that sounds like "you" or "w" and does not. */
const ARTICLE = /\b(a)n? (?=[a-z])(?=(hour|honest|[aeiou])?)(?=(uni|use|one\b|eu)?)/gi
/** A sentence starts the paragraph, a quotation, or follows . ! ? (but "Why?" she asked goes on). */
const SENTENCE_START = /(^["']?|(?<!\.)[.!?] ["']?|\." ["']?|[!?]" ")([a-z])/g
const LONE_I = /\bi\b/g

/** Expanded text as it should be written: single spaces, paragraphs an empty line apart, "a" or "an" by sound, capitals. */
export function tidyText(text: string): string {
  return text
    .split(/\n\s*\n/)
    .map(tidyParagraph)
    .join('\n\n')
}

function tidyParagraph(paragraph: string): string {
  return paragraph
    .replace(/\s+/g, ' ')
    .replace(SPACE_BEFORE_PUNCTUATION, '$1')
    .replace(ARTICLE, (_match, letter: string, vowel: string | undefined, glide: string | undefined) =>
      vowel !== undefined && vowel !== '' && !glide ? `${letter}n ` : `${letter} `,
    )
    .trim()
    .replace(SENTENCE_START, (_match, before: string, letter: string) => before + letter.toUpperCase())
    .replace(LONE_I, 'I')
}
