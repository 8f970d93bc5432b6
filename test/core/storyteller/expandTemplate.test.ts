import { expect, test } from 'vitest'
import { expandTemplate } from '../../../core/storyteller/expandTemplate.ts'
import { parseTemplate } from '../../../core/storyteller/parseTemplate.ts'

test('draws 20 times before it repeats a used word', () => {
  let draws = 0
  const random = () => {
    draws += 1
    return 0.99
  }
  const wordsOf = new Map([['number', ['one', 'two'].map((singular) => ({ singular, plural: `${singular}s` }))]])
  const text = expandTemplate(parseTemplate('{number#1}, {number#2}', 'here'), wordsOf, random)
  // Every draw gives "two": once for #1, in vain 20 times for #2, which then takes the first word.
  expect(text).toBe('Two, one')
  expect(draws).toBe(21)
})
