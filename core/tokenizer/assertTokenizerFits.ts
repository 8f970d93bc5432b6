import { AtlasError } from '../errors/AtlasError.ts'
import type { Tokenizer } from './createTokenizer.ts'

/**
 * Refuses (tokenizer/vocabulary) a tokenizer that can give ids the target model has no embedding for. A smaller one
 * passes: embeddings are often padded.
 */
export function assertTokenizerFits(tokenizer: Tokenizer, vocabularySize: number): void {
  if (tokenizer.vocabularySize <= vocabularySize) return
  throw new AtlasError(
    'tokenizer/vocabulary',
    `tokenizer: ids up to ${tokenizer.vocabularySize - 1}, expected below the target model's vocabulary of ${vocabularySize}`,
    { details: { found: tokenizer.vocabularySize, expected: vocabularySize } },
  )
}
