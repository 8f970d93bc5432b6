import { describe, expect, test } from 'vitest'
import { tidyText } from '../../../core/storyteller/tidyText.ts'

describe('tidyText', () => {
  test.each([
    ['It was a owl', 'It was an owl'],
    ['It was an cat', 'It was a cat'],
    ['A umbrella', 'An umbrella'],
    ['A hour and a honest man', 'An hour and an honest man'],
    ['a horse, a unicorn, a useful spoon', 'A horse, a unicorn, a useful spoon'],
    ['A one and a onion', 'A one and an onion'],
    ['A European', 'A European'],
    ['Banana island', 'Banana island'],
  ])('gives "%s" the article its sound asks for', (text, expected) => {
    expect(tidyText(text)).toBe(expected)
  })

  test.each([
    ['he ran. she sat! who? "me." "you?" "yes!"', 'He ran. She sat! Who? "Me." "You?" "Yes!"'],
    ['"why?" she asked.', '"Why?" she asked.'],
    ['well... maybe', 'Well... maybe'],
    ['so i said i am', 'So I said I am'],
  ])('capitalises sentence starts of %s', (text, expected) => {
    expect(tidyText(text)).toBe(expected)
  })

  test('keeps paragraphs an empty line apart and joins the lines within', () => {
    expect(tidyText('One  two\nthree ,four .\n\n\n  five')).toBe('One two three,four.\n\nFive')
  })
})
