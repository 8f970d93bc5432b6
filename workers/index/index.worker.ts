import { expose } from 'comlink'
import { createIndexApi } from './createIndexApi.ts'
import { loadSqlEngine } from './loadSqlEngine.ts'

expose(createIndexApi(loadSqlEngine, (url, init) => fetch(url, init)))
