import { readPytorchRecord } from '../../core/pytorch/readPytorchRecord.ts'
import type { ActivationContexts } from '../../core/spd-harvest/ActivationContexts.ts'
import type { ExpectedModule } from '../../core/spd-harvest/locateModules.ts'
import { openDatabaseContexts } from '../../core/spd-harvest/openDatabaseContexts.ts'
import { openJsonlContexts } from '../../core/spd-harvest/openJsonlContexts.ts'
import { readCoFirings } from '../../core/spd-harvest/readCoFirings.ts'
import { readJsonConfig } from '../../core/spd-harvest/readContextConfig.ts'
import { readTokenStats } from '../../core/spd-harvest/readTokenStats.ts'
import { joinSpdHarvest, type SpdHarvest } from '../../core/spd-harvest/SpdHarvest.ts'
import { type OpenedFile, openFile, readText } from '../node/files.ts'
import { findHarvestFiles, type HarvestFiles } from './findHarvestFiles.ts'
import { openHarvestDatabase } from './openHarvestDatabase.ts'

export interface OpenedSpdHarvest extends SpdHarvest {
  /** The files it is read from. */
  readonly files: HarvestFiles
  close(): Promise<void>
}

/** Opens the spd package's harvest in `folder`; one that is not of the bundle's `modules` and vocabulary is refused. */
export async function openSpdHarvest(
  folder: string,
  modules: readonly ExpectedModule[],
  vocabularySize: number,
): Promise<OpenedSpdHarvest> {
  const files = await findHarvestFiles(folder)
  const opened: { close(): Promise<void> }[] = []
  const close = async (): Promise<void> => {
    for (const file of opened) await file.close()
  }
  const open = async (path: string): Promise<OpenedFile> => {
    const file = await openFile(path)
    opened.push(file)
    return file
  }
  try {
    const stats = await readTokenStats(await readPytorchRecord(await open(files.tokenStats)), modules, vocabularySize)
    const coFirings =
      files.coFirings === null ? null : await readCoFirings(await readPytorchRecord(await open(files.coFirings)), stats)
    const contexts = await openContexts(files, vocabularySize, open, opened)
    return { ...joinSpdHarvest(stats, coFirings, contexts), files, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function openContexts(
  files: HarvestFiles,
  vocabularySize: number,
  open: (path: string) => Promise<OpenedFile>,
  opened: { close(): Promise<void> }[],
): Promise<ActivationContexts> {
  if (files.layout === 'jsonl') {
    const config = readJsonConfig(await readText(files.config), files.config)
    return openJsonlContexts(await open(files.components), config, vocabularySize)
  }
  const database = await openHarvestDatabase(files.database)
  opened.push(database)
  return openDatabaseContexts(database, vocabularySize)
}
