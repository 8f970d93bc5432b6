import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkParts } from '../../../pipeline/harvest/checkParts.ts'
import { findParts } from '../../../pipeline/harvest/findParts.ts'
import type { HarvestPlan } from '../../../pipeline/harvest/HarvestPlan.ts'
import { partName, partOfName, writePart } from '../../../pipeline/harvest/partFolder.ts'
import { smallPlan } from './harvestPlan.ts'

let parts: string
beforeEach(async () => {
  parts = await mkdtemp(join(tmpdir(), 'atlas-parts-'))
})
afterEach(() => rm(parts, { recursive: true }))

/** A part that holds its own number. */
async function makePart(part: number, plan: HarvestPlan, folder = parts): Promise<void> {
  await writePart(folder, part, plan, async (partial) => {
    await writeFile(join(partial, 'counts.bin'), `part ${part}`)
    return 0
  })
}

async function makeParts(count: number, plan: HarvestPlan): Promise<void> {
  for (let part = 0; part < count; part++) await makePart(part, plan)
}

test('a part is named by its number and no other name is one', () => {
  expect([0, 12, 1234567].map(partName)).toEqual(['part-000000', 'part-000012', 'part-1234567'])
  expect(['part-000012', 'part-12', 'part-0000012', 'part-000012.7.tmp', 'x'].map(partOfName)).toEqual([
    12,
    null,
    null,
    null,
    null,
  ])
})

test('a part whose writing fails leaves nothing behind', async () => {
  const failing = writePart(parts, 0, smallPlan(2), async (partial) => {
    await writeFile(join(partial, 'counts.bin'), 'half')
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(await readdir(parts)).toEqual([])
})

test('a part that some other process has written stays', async () => {
  await makePart(0, smallPlan(2))
  await expect(makePart(0, smallPlan(2))).rejects.toMatchObject({
    code: 'output/unwritable',
    message: `${join(parts, 'part-000000')}: cannot be written (ENOTEMPTY)`,
  })
  expect(await readFile(join(parts, 'part-000000/counts.bin'), 'utf8')).toBe('part 0')
})

describe('what a run before has left', () => {
  test('is not run again where it is whole', async () => {
    await makePart(1, smallPlan(5))
    expect(await findParts(parts, smallPlan(5), [0, 1, 2])).toEqual({
      missing: [0, 2],
      missingStories: 3, // Parts 0 and 2 of five stories by two.
      storiesDone: 2,
      damaged: [],
    })
  })

  test('is run again, and told, where a file is cut off, changed, missing or unreadable', async () => {
    await makeParts(5, smallPlan(10))
    await writeFile(join(parts, 'part-000000/counts.bin'), 'part')
    await writeFile(join(parts, 'part-000001/counts.bin'), 'part 7')
    await rm(join(parts, 'part-000002/counts.bin'))
    await writeFile(join(parts, 'part-000003/part.json'), '{"format":')
    const { missing, damaged } = await findParts(parts, smallPlan(10), [0, 1, 2, 3, 4])
    expect(missing).toEqual([0, 1, 2, 3])
    expect(damaged).toEqual([
      `${join(parts, 'part-000000/counts.bin')}: 4 bytes, expected 6`,
      expect.stringMatching(/part-000001\/counts\.bin: SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}$/),
      `${join(parts, 'part-000002/counts.bin')}: is missing`,
      `${join(parts, 'part-000003/part.json')}: not JSON`,
    ])
    expect(await readdir(parts)).toEqual(['part-000004'])
  })

  test('is removed where it is half written and our own', async () => {
    await mkdir(join(parts, 'part-000000.99.tmp'))
    await mkdir(join(parts, 'part-000001.99.tmp'))
    await findParts(parts, smallPlan(4), [0])
    // The other may be at work on its own.
    expect(await readdir(parts)).toEqual(['part-000001.99.tmp'])
  })

  test('is refused, and left, where it is of another plan', async () => {
    await makePart(0, smallPlan(4, 0.03))
    await makePart(1, smallPlan(4))
    await writeFile(join(parts, 'part-000001/counts.bin'), '')
    await expect(findParts(parts, smallPlan(4), [0, 1])).rejects.toMatchObject({
      code: 'harvest/other-settings',
      message:
        `${join(parts, 'part-000000')}: a part of another harvest, which has settings.threshold 0.03, expected 0.01; ` +
        'settings.levels [0.03], expected [0.01]. Remove the folder, or choose another',
    })
    expect(await readdir(parts)).toEqual(['part-000000', 'part-000001'])
  })

  test('of another shard is not read, but of another plan it is refused', async () => {
    await makePart(1, smallPlan(4))
    await writeFile(join(parts, 'part-000001/counts.bin'), '')
    expect((await findParts(parts, smallPlan(4), [0])).missing).toEqual([0])
    expect(await readdir(parts)).toEqual(['part-000001'])
    await expect(findParts(parts, smallPlan(4, 0.03), [0])).rejects.toMatchObject({ code: 'harvest/other-settings' })
  })
})

describe('parts that are to be merged', () => {
  async function check(folders: readonly string[]): Promise<{ told: string[]; error: unknown }> {
    const told: string[] = []
    const failure = checkParts(
      folders,
      (line) => told.push(line),
      () => undefined,
    )
    return {
      told,
      error: await failure.then(
        () => null,
        (error: unknown) => error,
      ),
    }
  }

  test('are found in whatever folders they lie', async () => {
    const other = join(parts, 'other')
    await makePart(1, smallPlan(5))
    await makePart(0, smallPlan(5), other)
    await makePart(2, smallPlan(5), other)
    const { folders, plan } = await checkParts(
      [parts, other],
      () => undefined,
      () => undefined,
    )
    expect(folders).toEqual([join(other, 'part-000000'), join(parts, 'part-000001'), join(other, 'part-000002')])
    expect(plan).toEqual(smallPlan(5))
  })

  test('are told by name where they are missing, damaged, foreign or there twice', async () => {
    const other = join(parts, 'other')
    await makeParts(5, smallPlan(12))
    await writeFile(join(parts, 'part-000001/counts.bin'), 'part')
    await rm(join(parts, 'part-000002'), { recursive: true })
    await makePart(2, smallPlan(12, 0.03))
    await makePart(3, smallPlan(12), other)
    const { told, error } = await check([parts, other])
    expect(told).toEqual([
      `${join(parts, 'part-000002')}: of another harvest (settings.threshold 0.03, expected 0.01; settings.levels [0.03], expected [0.01])`,
      `${join(other, 'part-000003')}: there twice (as ${join(parts, 'part-000003')} too)`,
      `${join(parts, 'part-000001')}: damaged (${join(parts, 'part-000001/counts.bin')}: 4 bytes, expected 6)`,
      `part-000005: missing (in none of ${parts}, ${other})`,
    ])
    expect(error).toMatchObject({
      code: 'harvest/incomplete',
      message:
        `parts of the harvest: 1 of another harvest ("${join(parts, 'part-000002')}"), ` +
        `1 there twice ("${join(other, 'part-000003')}"), 1 damaged ("${join(parts, 'part-000001')}"), ` +
        '1 missing ("part-000005")',
    })
  })

  test('are damaged where a folder has the name of another', async () => {
    await makeParts(2, smallPlan(4))
    await rm(join(parts, 'part-000001'), { recursive: true })
    await rename(join(parts, 'part-000000'), join(parts, 'part-000001'))
    const { told } = await check([parts])
    expect(told).toEqual([`${join(parts, 'part-000001')}: damaged (says it is part-000000)`])
  })

  test('must be there', async () => {
    expect((await check([parts])).error).toMatchObject({
      code: 'harvest/incomplete',
      message: `${parts}: no part of a harvest in there`,
    })
    expect((await check([join(parts, 'none')])).error).toMatchObject({ code: 'source/unreachable' })
  })
})
