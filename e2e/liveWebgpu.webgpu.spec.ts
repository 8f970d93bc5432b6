import { test } from './atlasTest.ts'
import { expectParity } from './liveParity.ts'

test('WebGPU computes what the command line computes', async ({ page }) => {
  test.setTimeout(240_000)
  await expectParity(page, 'webgpu', /^WebGPU · last pass/)
})
