import { describe, expect, it } from 'vitest'
import {
  barPaths,
  cellAfterKey,
  columnWidth,
  countCeiling,
  labelledEffects,
  toneOf,
} from '../../../src/charts/heatStripLayout.ts'

describe('columnWidth', () => {
  it('fills the width there is, between 15 and 27 pixels', () => {
    // 30 columns of 800 pixels: 26.67. Of 100 pixels: 3.3, so they scroll.
    expect([columnWidth(30, 800), columnWidth(30, 100), columnWidth(2, 800), columnWidth(0, 800)]).toEqual([
      26, 15, 27, 27,
    ])
  })
})

describe('countCeiling', () => {
  it('is the next round number, a multiple of five', () => {
    expect([0, 5, 6, 11, 26, 31, 61, 76, 119, 251].map(countCeiling)).toEqual([5, 5, 10, 15, 30, 40, 75, 100, 150, 300])
  })
})

describe('toneOf', () => {
  it('has five steps, and none for zero', () => {
    expect([0, 1, 20, 21, 80, 81, 100].map((count) => toneOf(count, 100))).toEqual([0, 1, 1, 2, 4, 5, 5])
  })
})

describe('barPaths', () => {
  it('draws a bar a count from the bottom of its row, sorted by tone', () => {
    // Row 0 at 0, row 1 at 15; a full bar has 13 pixels: 50 of 100 is 6.5 high and starts at 6.5.
    const paths = barPaths({ counts: [100, 0, 50, 1], columnCount: 2, rowTops: [0, 15], columnWidth: 20, ceiling: 100 })
    expect(paths).toEqual(['M21 27.25h18v0.75h-18z', '', 'M1 21.5h18v6.5h-18z', '', 'M1 0h18v13h-18z'])
  })
})

describe('labelledEffects', () => {
  it('takes the largest, keeping a distance, and nothing under a quarter of the largest', () => {
    expect(labelledEffects([0.1, 0.9, 1, 0, 0.5, 0.2], 3, 2)).toEqual([2, 4])
    expect(labelledEffects([0.5, 0, 1, 0, 0.6], 2, 2)).toEqual([2, 4])
    expect(labelledEffects([0, 0], 3, 2)).toEqual([])
  })
})

describe('cellAfterKey', () => {
  const size = { positions: 30, modules: 3 }
  const press = (keys: string, position: number, module: number | null) =>
    keys.split(' ').reduce((cell, key) => cellAfterKey(key, cell, size) ?? cell, { position, module })

  it('moves along the story, and stops at its ends', () => {
    expect(press('ArrowRight PageDown', 3, 1)).toEqual({ position: 20, module: 1 })
    expect(press('PageDown', 20, null).position).toBe(29)
    expect(press('ArrowLeft', 0, null).position).toBe(0)
    expect([press('Home', 9, null).position, press('End', 9, null).position]).toEqual([0, 29])
  })

  it('goes down into the modules and back up to all of them', () => {
    expect(press('ArrowDown', 0, null).module).toBe(0)
    expect(press('ArrowDown ArrowDown ArrowDown ArrowDown', 0, null).module).toBe(2)
    expect(press('ArrowUp ArrowUp', 0, 1).module).toBeNull()
    expect(press('Escape', 0, 2).module).toBeNull()
  })

  it('leaves other keys alone', () => {
    expect(cellAfterKey('a', { position: 0, module: null }, size)).toBeNull()
    expect(cellAfterKey('Escape', { position: 0, module: null }, size)).toBeNull()
  })
})
