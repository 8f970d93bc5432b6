import { describe, expect, it } from 'vitest'
import { AtlasError } from '../../../core/errors/AtlasError.ts'
import type { GraphTensor } from '../../../core/graph/InferenceSession.ts'
import type { BackendName } from '../../../workers/contracts/ModelApi.ts'
import type { Backend } from '../../../workers/model/Backend.ts'
import { FallbackRuntime } from '../../../workers/model/FallbackRuntime.ts'

const files = async () => ({ graph: new Uint8Array([1]), externalData: [] })
const answer = (from: number): Readonly<Record<string, GraphTensor>> => ({
  logits: { type: 'float32', data: Float32Array.of(from), dims: [1] },
})

interface Faults {
  readonly start?: string
  readonly open?: string
  /** Run number, from 1, from which runs fail. */
  readonly runsFailFrom?: number
  readonly lost?: Promise<string>
}

/** A backend whose sessions answer `from`, with the faults named. */
function fakeBackend(name: BackendName, from: number, faults: Faults = {}): Backend & { readonly opened: string[] } {
  const opened: string[] = []
  let runs = 0
  return {
    name,
    opened,
    start: async () => {
      if (faults.start !== undefined) throw new AtlasError('backend/unavailable', faults.start)
      return {
        threads: 2,
        lost: faults.lost ?? new Promise(() => undefined),
        openSession: async (graph) => {
          if (faults.open !== undefined) throw new Error(faults.open)
          opened.push(String(graph[0]))
          return {
            run: async () => {
              runs += 1
              if (runs >= (faults.runsFailFrom ?? Infinity)) throw new Error(`run ${runs} failed`)
              return answer(from)
            },
            close: async () => undefined,
          }
        },
      }
    },
  }
}

const runOnce = async (runtime: FallbackRuntime) => (await runtime.run('observe', {})).logits?.data[0]

describe('FallbackRuntime', () => {
  it('stays on the first backend where it works, and opens a graph once', async () => {
    const webgpu = fakeBackend('webgpu', 1)
    const runtime = new FallbackRuntime([webgpu, fakeBackend('wasm', 2)], files)
    expect(runtime.status).toBeNull()
    await runtime.open('observe')
    expect([await runOnce(runtime), await runOnce(runtime)]).toEqual([1, 1])
    expect(webgpu.opened).toEqual(['1'])
    expect(runtime.status).toEqual({ name: 'webgpu', threads: 2, fallbackReason: null })
  })

  it.each([
    ['cannot start', { start: 'WebGPU: no adapter' }, 'WebGPU: no adapter'],
    ['cannot open a graph', { open: 'no kernel for Gelu' }, 'webgpu: no kernel for Gelu'],
    ['fails its first run', { runsFailFrom: 1 }, 'webgpu: run 1 failed'],
  ])('leaves a backend that %s, and says why', async (_, faults, reason) => {
    const runtime = new FallbackRuntime([fakeBackend('webgpu', 1, faults), fakeBackend('wasm', 2)], files)
    expect(await runOnce(runtime)).toBe(2)
    expect(runtime.status).toEqual({ name: 'wasm', threads: 2, fallbackReason: reason })
  })

  it('leaves a backend that fails later, and answers that run on the next', async () => {
    const runtime = new FallbackRuntime([fakeBackend('webgpu', 1, { runsFailFrom: 3 }), fakeBackend('wasm', 2)], files)
    expect([await runOnce(runtime), await runOnce(runtime), await runOnce(runtime)]).toEqual([1, 1, 2])
  })

  it('leaves a device that is lost between two runs', async () => {
    let lose: (reason: string) => void = () => undefined
    const lost = new Promise<string>((resolve) => {
      lose = resolve
    })
    const runtime = new FallbackRuntime([fakeBackend('webgpu', 1, { lost }), fakeBackend('wasm', 2)], files)
    expect(await runOnce(runtime)).toBe(1)
    lose('WebGPU: device lost: unplugged')
    await lost
    expect(await runOnce(runtime)).toBe(2)
    expect(runtime.status?.fallbackReason).toBe('WebGPU: device lost: unplugged')
  })

  it('leaves a device that is lost during a run that never answers', async () => {
    const silent: Backend = {
      name: 'webgpu',
      start: async () => ({
        threads: 1,
        lost: Promise.resolve('WebGPU: device lost: reset'),
        openSession: async () => ({ run: () => new Promise(() => undefined), close: async () => undefined }),
      }),
    }
    const runtime = new FallbackRuntime([silent, fakeBackend('wasm', 2)], files)
    expect(await runOnce(runtime)).toBe(2)
    expect(runtime.status?.fallbackReason).toBe('WebGPU: device lost: reset')
  })

  it('fails a run the last backend fails, and tries it again at the next', async () => {
    const runtime = new FallbackRuntime([fakeBackend('wasm', 2, { runsFailFrom: 2 })], files)
    expect(await runOnce(runtime)).toBe(2)
    await expect(runOnce(runtime)).rejects.toMatchObject({ code: 'model/failed', message: 'wasm: run 2 failed' })
    await expect(runOnce(runtime)).rejects.toMatchObject({ code: 'model/failed', message: 'wasm: run 3 failed' })
  })

  it('leaves no backend for a file that cannot be had', async () => {
    const missing = async () => {
      throw new AtlasError('bundle/missing-file', 'model/observe.onnx: not found')
    }
    const runtime = new FallbackRuntime([fakeBackend('webgpu', 1), fakeBackend('wasm', 2)], missing)
    await expect(runOnce(runtime)).rejects.toMatchObject({ code: 'bundle/missing-file' })
    expect(runtime.status).toBeNull()
  })
})
