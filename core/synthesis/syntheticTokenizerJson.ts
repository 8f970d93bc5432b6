import { type SyntheticVocabulary, tokensOf } from './syntheticVocabulary.ts'

/**
 * A tokenizer.json of word pieces over `vocabulary`: lower case, split at spaces, punctuation and digits, longest piece
 * first, the end of the story added by its post-processor. The file has no field for provenance, the made-up words are it.
 */
export function syntheticTokenizerJson(vocabulary: SyntheticVocabulary): string {
  const tokens = tokensOf(vocabulary)
  const [unknown, endOfStory] = vocabulary.special
  const endId = tokens.indexOf(endOfStory)
  const sequence = (id: string, typeId: number) => ({ Sequence: { id, type_id: typeId } })
  const file = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: vocabulary.special.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Whitespace' },
        { type: 'Punctuation', behavior: 'Isolated' },
        { type: 'Digits', individual_digits: true },
      ],
    },
    post_processor: {
      type: 'TemplateProcessing',
      single: [sequence('A', 0), { SpecialToken: { id: endOfStory, type_id: 0 } }],
      pair: [sequence('A', 0), sequence('B', 1)],
      special_tokens: { [endOfStory]: { id: endOfStory, ids: [endId], tokens: [endOfStory] } },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: unknown,
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    },
  }
  return `${JSON.stringify(file)}\n`
}
