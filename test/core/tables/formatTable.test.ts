import { expect, test } from 'vitest'
import { formatCsv, formatJson } from '../../../core/tables/formatTable.ts'

const table = {
  columns: ['token', 'count', 'pmi'],
  rows: [
    ['"', 3, -0.5],
    [',', 2, null],
    ['##ing', 1, 2.9e-6],
  ],
}

test('CSV quotes what would be misread and leaves missing values empty', () => {
  expect(formatCsv(table)).toBe('token,count,pmi\r\n"""",3,-0.5\r\n",",2,\r\n##ing,1,0.0000029\r\n')
})

test('a list is JSON within its field, and a list in JSON', () => {
  const lists = { columns: ['high', 'top'], rows: [[true, [['a', 2]] as const]] }
  expect(formatCsv(lists)).toBe('high,top\r\ntrue,"[[""a"",2]]"\r\n')
  expect(JSON.parse(formatJson(lists))).toEqual([{ high: true, top: [['a', 2]] }])
})

test('JSON is an object a row', () => {
  expect(JSON.parse(formatJson(table))).toEqual([
    { token: '"', count: 3, pmi: -0.5 },
    { token: ',', count: 2, pmi: null },
    { token: '##ing', count: 1, pmi: 2.9e-6 },
  ])
  expect(JSON.parse(formatJson({ columns: ['a'], rows: [] }))).toEqual([])
})
