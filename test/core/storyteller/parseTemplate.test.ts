import { describe, expect, test } from 'vitest'
import { parseTemplate } from '../../../core/storyteller/parseTemplate.ts'

const parse = (body: string) => parseTemplate(body, 'skeleton 3 ("rockets")')
const text = (content: string) => ({ kind: 'text', text: content })
const word = { kind: 'word', category: 'animal', binding: null, isPlural: false, hasArticle: false }

describe('parseTemplate', () => {
  test('reads text, slots and nested alternatives in order', () => {
    expect(parse('A | b [x|[y|{A}]|]!')).toEqual([
      text('A | b '),
      {
        kind: 'choice',
        options: [[text('x')], [{ kind: 'choice', options: [[text('y')], [{ kind: 'name', character: 'A' }]] }], []],
      },
      text('!'),
    ])
  })

  test.each([
    ['{D}', { kind: 'name', character: 'D' }],
    ['{B.themself}', { kind: 'pronoun', character: 'B', pronoun: 'themself' }],
    ['{animal}', word],
    ['{animal.s}', { ...word, isPlural: true }],
    ['{animal#12}', { ...word, binding: '#12' }],
    ['{a animal#1.s}', { ...word, binding: '#1', isPlural: true, hasArticle: true }],
    ['{an animal}', { ...word, hasArticle: true }],
    ['{said.soft}', { ...word, category: 'said.soft' }],
  ])('reads the slot %s', (body, slot) => {
    expect(parse(body)).toEqual([slot])
  })

  test.each([
    ['{}', 'slot {} is not a character A to D, a pronoun of one, or a category'],
    ['{E}', 'slot {E} is not a character A to D, a pronoun of one, or a category'],
    ['{A.it}', 'slot {A.it} is not a character A to D, a pronoun of one, or a category'],
    ['{the animal}', 'slot {the animal} is not a character A to D, a pronoun of one, or a category'],
    ['one {A', '"{" at character 4 is never closed, expected "}"'],
    ['one [a|b', '"[" at character 4 is never closed, expected "]"'],
    ['one [a|{A}[b]', '"[" at character 4 is never closed, expected "]"'],
    ['one ] two', '"]" at character 4 closes nothing'],
    ['one } two', '"}" at character 4 closes nothing'],
  ])('refuses %s', (body, finding) => {
    expect(() => parse(body)).toThrow(`skeleton 3 ("rockets"): ${finding}`)
  })

  test('reads alternatives nested 16 deep and refuses 17', () => {
    expect(parse('['.repeat(16) + ']'.repeat(16))).toHaveLength(1)
    expect(() => parse('['.repeat(17) + ']'.repeat(17))).toThrow(
      '"[" at character 16 is nested 17 deep, expected at most 16',
    )
  })
})
