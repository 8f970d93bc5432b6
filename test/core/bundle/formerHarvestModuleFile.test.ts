import { expect, test } from 'vitest'
import { decodeHarvestModule, encodeHarvestModule } from '../../../core/bundle/formerHarvestModuleFile.ts'
import { harvestedModuleOf } from '../../../core/statistics/formerHarvestedModule.ts'
import { smallActivity } from './smallIndex.ts'

const modules = smallActivity().modules.map(harvestedModuleOf)

test('decoding gives back what was encoded', () => {
  expect(modules).toHaveLength(2)
  for (const module of modules) expect(decodeHarvestModule(encodeHarvestModule(module), 'module-0.bin')).toEqual(module)
})

function good(): Uint8Array {
  const [module] = modules
  if (module === undefined) throw new Error('no module')
  return encodeHarvestModule(module)
}

test('refuses a file cut off, wherever', () => {
  const bytes = good()
  for (const length of [0, 10, 30, 60, bytes.length - 8]) {
    expect(() => decodeHarvestModule(bytes.subarray(0, length), 'module-0.bin')).toThrow(
      `module-0.bin: ${length} bytes, cut off`,
    )
  }
})

test('refuses another file, and another layout', () => {
  const other = good()
  other[0] = 0
  expect(() => decodeHarvestModule(other, 'module-0.bin')).toThrow('module-0.bin: not a module of a harvest')
  const later = good()
  later[4] = 2
  expect(() => decodeHarvestModule(later, 'module-0.bin')).toThrow('module-0.bin: layout version 2, expected 1')
})

test('refuses sizes a crafted file might name', () => {
  const wide = good()
  wide[11] = 255
  expect(() => decodeHarvestModule(wide, 'module-0.bin')).toThrow('subcomponents, at most 1048576 are read')
  const long = good()
  long[19] = 255
  expect(() => decodeHarvestModule(long, 'module-0.bin')).toThrow('cut off')
})
