import { describe, expect, test } from 'vitest'
import { parseConfigText } from '../../../core/decomposition/parseConfigText.ts'

const parse = (text: string): unknown => parseConfigText({ name: 'final_config.yaml', text })

test('reads JSON and YAML alike', () => {
  const value = { steps: 3, lr: 1e-6, list: ['*q_proj', null], flag: true }
  expect(parse(JSON.stringify(value))).toEqual(value)
  expect(parse("steps: 3\nlr: 1e-06\nlist:\n- '*q_proj'\n- null\nflag: true\n")).toEqual(value)
})

test('reads the aliases PyYAML writes', () => {
  expect(parse('a: &id001\n- 1\nb: *id001\n')).toEqual({ a: [1], b: [1] })
})

describe('refuses', () => {
  /** Ten lists of ten aliases each: 10^9 elements when unfolded. */
  const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
  for (let i = 1; i < 10; i++)
    bomb.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    )

  test.each([
    [
      'a YAML bomb',
      bomb.join('\n'),
      'config/invalid',
      'is no readable YAML (Excessive alias count indicates a resource exhaustion attack)',
    ],
    [
      'a tag of Python',
      'a: !!python/object/apply:os.system [ls]',
      'config/invalid',
      'is no readable YAML (Unresolved tag: tag:yaml.org,2002:python/object/apply:os.system)',
    ],
    ['a word given twice', 'C: 3\nC: 4', 'config/invalid', 'is no readable YAML (Map keys must be unique)'],
    [
      'two documents',
      'a: 1\n---\nb: 2',
      'config/invalid',
      'is no readable YAML (Source contains multiple documents; please use YAML.parseAllDocuments())',
    ],
    ['a list', '- 1', 'config/invalid', 'is no list of words with their values'],
    ['a single word', 'hello', 'config/invalid', 'is no list of words with their values'],
    ['nothing', '', 'config/invalid', 'is no list of words with their values'],
    [
      'text of more than 256 KiB',
      'a'.repeat(2 ** 18 + 1),
      'format/too-large',
      'has 262145 characters, expected at most 262144',
    ],
  ])('%s', (_, text, code, message) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code, message: `final_config.yaml: ${message}` }))
  })

  test('broken JSON, naming the file', () => {
    expect(() => parse('{"a": ')).toThrow(/^final_config.yaml: is no readable JSON \(.+\)$/)
  })

  test('lists within lists without end', () => {
    expect(() => parse('['.repeat(2 ** 18))).toThrow(/^final_config.yaml: is no readable YAML/)
  })
})
