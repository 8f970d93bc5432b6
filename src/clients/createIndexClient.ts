import { proxy } from 'comlink'
import type { ExampleStoryRow } from '../../core/bundle/queryExampleStories.ts'
import type { SubcomponentAddress } from '../../core/bundle/querySubcomponent.ts'
import type {
  SubcomponentQuery,
  SubcomponentTable,
  SubcomponentTableRow,
} from '../../core/bundle/querySubcomponents.ts'
import type { OnProgress } from '../../core/progress/Progress.ts'
import type {
  ExportFormat,
  IndexApi,
  OpenedRun,
  SubcomponentDescription,
  SubcomponentDetail,
} from '../../workers/contracts/IndexApi.ts'
import { connectWorker, type WorkerLike } from './connectWorker.ts'

/** The index of one run. Failures are thrown; a worker that died is replaced by the next question. */
export interface IndexClient {
  openRun(onProgress: OnProgress): Promise<OpenedRun>
  listSubcomponents(query: SubcomponentQuery): Promise<SubcomponentTable>
  exportSubcomponents(query: SubcomponentQuery, format: ExportFormat): Promise<string>
  describeSubcomponent(address: SubcomponentAddress): Promise<SubcomponentDescription>
  readDetail(address: SubcomponentAddress, onProgress: OnProgress): Promise<SubcomponentDetail>
  describeSubcomponents(addresses: readonly SubcomponentAddress[]): Promise<readonly SubcomponentTableRow[]>
  findActive(moduleId: number | null, share: number): Promise<SubcomponentAddress | null>
  listExampleStories(): Promise<readonly ExampleStoryRow[]>
  close(): void
}

/** Asks the worker `createWorker` starts about the bundle at `bundleUrl` (absolute, ending in a slash). */
export function createIndexClient(bundleUrl: string, createWorker: () => WorkerLike = startWorker): IndexClient {
  const { ask, close } = connectWorker<IndexApi>('index worker', createWorker)
  return {
    openRun: (onProgress) => ask((api) => api.openRun(bundleUrl, proxy(onProgress))),
    listSubcomponents: (query) => ask((api) => api.listSubcomponents(bundleUrl, query)),
    exportSubcomponents: (query, format) => ask((api) => api.exportSubcomponents(bundleUrl, query, format)),
    describeSubcomponent: (address) => ask((api) => api.describeSubcomponent(bundleUrl, address)),
    readDetail: (address, onProgress) => ask((api) => api.readDetail(bundleUrl, address, proxy(onProgress))),
    describeSubcomponents: (addresses) => ask((api) => api.describeSubcomponents(bundleUrl, addresses)),
    findActive: (moduleId, share) => ask((api) => api.findActive(bundleUrl, moduleId, share)),
    listExampleStories: () => ask((api) => api.listExampleStories(bundleUrl)),
    close,
  }
}

function startWorker(): WorkerLike {
  return new Worker(new URL('../../workers/index/index.worker.ts', import.meta.url), { type: 'module', name: 'index' })
}
