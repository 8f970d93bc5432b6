import { AtlasError } from '../errors/AtlasError.ts'
import type { Category, Lexicon, Word } from './Grammar.ts'

/**
 * Reads a lexicon: a category a line, "animal: cat, fox/foxes", the plural after a slash where it is not word + s;
 * empty lines and lines starting with # are skipped. `name` is the file's, for messages.
 */
export function parseLexicon(text: string, name: string): Lexicon {
  const categories = new Map<string, Category>()
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const category = parseCategory(line, `${name}, line ${index + 1}`)
    if (categories.has(category.name)) {
      throw malformed(`category "${category.name}" stands twice, expected once, in ${name}, line ${index + 1}`)
    }
    categories.set(category.name, category)
  }
  return [...categories.values()]
}

function parseCategory(line: string, place: string): Category {
  const colon = line.indexOf(':')
  if (colon < 0) throw malformed(`"${line}" has no colon, expected "category: word, word", in ${place}`)
  return {
    name: line.slice(0, colon).trim(),
    words: line
      .slice(colon + 1)
      .split(',')
      .map((entry) => parseWord(entry.trim(), place)),
  }
}

function parseWord(entry: string, place: string): Word {
  const [singular = '', plural = `${singular}s`, ...rest] = entry.split('/')
  if (singular === '' || plural === '' || rest.length > 0) {
    throw malformed(`word "${entry}" has an empty or a third form, expected "word" or "word/plural", in ${place}`)
  }
  return { singular, plural }
}

function malformed(message: string): AtlasError {
  return new AtlasError('format/malformed', message)
}
