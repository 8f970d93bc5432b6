import { expect, test } from 'vitest'
import * as format from '../../../src/ui/formatNumber.ts'

/** A space in an expected string stands for the narrow one between thousands. */
const narrow = (text: string) => text.replaceAll(' ', '\u202f')

test.each([
  [0, '0'],
  [999, '999'],
  [3672, '3 672'],
  [134_019, '134 019'],
  [6_236_485, '6 236 485'],
  [-1234, '−1 234'],
])('a count of %d reads %s', (count, text) => {
  expect(format.formatCount(count)).toBe(narrow(text))
})

test.each([
  [0, '0'],
  [1, '1.00'],
  [0.639, '0.639'],
  [0.012345, '0.0123'],
  [0.00832, '0.00832'],
  [0.001, '0.00100'],
  [0.000999, '1.0e−3'],
  [0.00000294, '2.9e−6'],
  [9.996, '10.0'],
  [77.84, '77.8'],
  [1450.4, '1 450'],
  [-0.0152, '−0.0152'],
])('a share of %d reads %s', (share, text) => {
  expect(format.formatShare(share)).toBe(narrow(text))
})

test.each([
  [0, '0'],
  [0.383, '38.3'],
  [0.0000052, '5.2e−4'],
  [1, '100'],
  [0.99951, '> 99.9'],
])('a share of %d reads %s percent', (share, text) => {
  expect(format.formatPercent(share)).toBe(text)
})

test.each([
  [12, '12'],
  [4.5, '4.5'],
  [1377.5, '1 377.5'],
])('a median of %d reads %s', (median, text) => {
  expect(format.formatMedian(median)).toBe(narrow(text))
})

test.each([
  [0, '0'],
  [0.0004, '< 0.001'],
  [0.0005, '0.001'],
  [0.9974, '0.997'],
  [0.9999, '1.000'],
  [1, '1'],
])('a probability of %d reads %s', (probability, text) => {
  expect(format.formatProbability(probability)).toBe(text)
})

test('reals, changes and nats carry a true minus and never minus zero', () => {
  expect([4.0906, -0.756, -0.001].map(format.formatReal)).toEqual(['4.09', '−0.76', '0.00'])
  expect([0.183, -0.756, 0].map(format.formatChange)).toEqual(['+0.18', '−0.76', '0.00'])
  expect([0.0805, -0.0001].map(format.formatNats)).toEqual(['0.081', '0.000'])
})

test.each([
  [1, '1'],
  [1000, narrow('1 000')],
  [10_000, '10 k'],
  [1_000_000, '1 M'],
  [2_500_000, '2.5 M'],
])('%d on an axis reads %s', (count, text) => {
  expect(format.formatAxisCount(count)).toBe(text)
})

test.each([
  [412, '412 B'],
  [38_400, '38 kB'],
  [999_500, '1.0 MB'],
  [3_449_000, '3.4 MB'],
])('%d bytes read %s', (bytes, text) => {
  expect(format.formatBytes(bytes)).toBe(text)
})

test('copied text holds plain numbers and keeps every other space and sign', () => {
  const shown = `mia ${format.formatCount(134_019)}\t${format.formatReal(-0.756)}\t${format.formatShare(2.94e-6)} a − b`
  expect(format.plainNumbers(shown)).toBe('mia 134019\t-0.76\t2.9e-6 a − b')
})
