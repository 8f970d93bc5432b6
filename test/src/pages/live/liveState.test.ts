import { describe, expect, it } from 'vitest'
import {
  EMPTY_STATE,
  type LiveState,
  readLiveState,
  toggleAblated,
  writeLiveState,
} from '../../../../src/pages/live/liveState.ts'

const Q0 = 'model.layers.0.self_attn.q_proj'
const DOWN1 = 'model.layers.1.mlp.down_proj'
const modules = [
  { path: Q0, layer: 0, kind: 'q_proj', c: 256 },
  { path: DOWN1, layer: 1, kind: 'down_proj', c: 512 },
]
const read = (query: string) => readLiveState(new URLSearchParams(query), modules)

const full: LiveState = {
  text: 'Leo & Mia = "friends",\n50 % of 100?',
  isCut: true,
  position: 7,
  modulePath: DOWN1,
  shaded: { modulePath: Q0, subcomponent: 255 },
  ablated: [
    { modulePath: DOWN1, subcomponent: 0 },
    { modulePath: Q0, subcomponent: 3 },
  ],
  order: 'scaledInnerActivation',
}

describe('the address of the live page', () => {
  it('brings back all of the view', () => {
    expect(read(writeLiveState(full).toString())).toEqual({ state: full, problems: [] })
  })

  it('is empty for an empty page', () => {
    expect(writeLiveState(EMPTY_STATE).toString()).toBe('')
    expect(read('')).toEqual({ state: EMPTY_STATE, problems: [] })
  })

  it('holds full addresses, and reads short ones', () => {
    expect(writeLiveState({ ...EMPTY_STATE, shaded: { modulePath: Q0, subcomponent: 3 } }).get('shade')).toBe(`${Q0}:3`)
    expect(read('shade=l0.q:3&module=l1.d').state).toMatchObject({
      shaded: { modulePath: Q0, subcomponent: 3 },
      modulePath: DOWN1,
    })
  })

  it('leaves out what names nothing of the run, tells of it, and keeps the rest', () => {
    const { state, problems } = read(`text=A+kite&at=x&shade=l9.q:1&ablate=l0.q:256,l0.q:5,l1.d&module=l7.u`)
    expect(state).toEqual({ ...EMPTY_STATE, text: 'A kite', ablated: [{ modulePath: Q0, subcomponent: 5 }] })
    expect(problems.map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'address/unknown'))
    expect(problems.map(({ message }) => message)).toEqual([
      'at=x: no position, expected a number from 0',
      'l7.u: no module "l7.u", expected a path or a short name',
      'l9.q:1: no module "l9.q", expected a path or a short name',
      `l0.q:256: no subcomponent "256" in ${Q0}, expected 0 to 255`,
      `l1.d: no subcomponent, expected ${DOWN1}:0 to 511`,
    ])
  })
})

describe('toggleAblated', () => {
  it('adds what is not ablated and restores what is', () => {
    const once = toggleAblated(EMPTY_STATE, { modulePath: Q0, subcomponent: 1 })
    const twice = toggleAblated(once, { modulePath: Q0, subcomponent: 2 })
    expect(twice.ablated).toHaveLength(2)
    expect(toggleAblated(twice, { modulePath: Q0, subcomponent: 1 }).ablated).toEqual([
      { modulePath: Q0, subcomponent: 2 },
    ])
  })
})
