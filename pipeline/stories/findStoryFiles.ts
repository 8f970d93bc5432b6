import { readdir, realpath, stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { AtlasError } from '../../core/errors/AtlasError.ts'
import { listNames } from './listNames.ts'
import { reached } from './readFileChunks.ts'
import type { StoryFile } from './Story.ts'

const EXTENSIONS = '.jsonl, .txt or .parquet, or one of these with .gz'

/** What the paths given to a command hold. */
export interface StoryFiles {
  /** In the order given, those of a folder in the order of their names' UTF-16 code units. */
  readonly files: readonly StoryFile[]
  /** Whatever else lies in the folders, their own folders included; left aside. */
  readonly otherPaths: readonly string[]
}

type UnnamedFile = Omit<StoryFile, 'source'>

/**
 * The story files at `paths`, a folder standing for the files directly in it. Refused: a path that is not there, a file
 * of another kind, a folder without story files, and a file met twice.
 */
export async function findStoryFiles(paths: readonly string[]): Promise<StoryFiles> {
  const files: UnnamedFile[] = []
  const otherPaths: string[] = []
  for (const path of paths) {
    const status = await reached(stat(path), path)
    if (status.isDirectory()) {
      const folder = await readFolder(path)
      files.push(...folder.files)
      otherPaths.push(...folder.otherPaths)
    } else {
      if (!status.isFile()) throw new AtlasError('format/unsupported', `${path}: is neither a file nor a folder`)
      files.push(fileByName(path))
    }
  }
  if (files.length === 0) throw new AtlasError('arguments/invalid', 'no story file is given')
  await assertDistinct(files)
  return { files: nameSources(files), otherPaths }
}

async function readFolder(path: string): Promise<{ readonly files: UnnamedFile[]; readonly otherPaths: string[] }> {
  const entries = (await reached(readdir(path), path)).sort((a, b) => (a < b ? -1 : 1))
  const files: UnnamedFile[] = []
  const otherPaths: string[] = []
  for (const entry of entries) {
    const child = join(path, entry)
    const isFile = (await reached(stat(child), child)).isFile()
    if (isFile && EXTENSION.test(child)) files.push(fileByName(child))
    else otherPaths.push(child)
  }
  if (files.length > 0) return { files, otherPaths }
  const message = `${path}: holds no story file (${EXTENSIONS}), it holds ${listNames(entries)}`
  throw new AtlasError('format/unsupported', message)
}

const EXTENSION = /\.(jsonl|txt|parquet)(\.gz)?$/i

/** Format and packing by the file's extension, in any case. */
function fileByName(path: string): UnnamedFile {
  const extension = EXTENSION.exec(path)
  const format = extension?.[1]?.toLowerCase()
  if (format !== 'jsonl' && format !== 'txt' && format !== 'parquet') {
    throw new AtlasError('format/unsupported', `${path}: is no story file by its name, expected ${EXTENSIONS}`)
  }
  return { path, format, isGzipped: extension?.[2] !== undefined }
}

async function assertDistinct(files: readonly UnnamedFile[]): Promise<void> {
  const seen = new Map<string, string>()
  for (const { path } of files) {
    const real = await reached(realpath(path), path)
    const earlier = seen.get(real)
    if (earlier !== undefined) {
      throw new AtlasError(
        'arguments/invalid',
        `${path}: is the same file as ${earlier}, its stories would count twice`,
      )
    }
    seen.set(real, path)
  }
}

/** Names each file by its last folders, as few as set it apart from all others. */
function nameSources(files: readonly UnnamedFile[]): StoryFile[] {
  const sources = new Map<UnnamedFile, string>()
  let unnamed = files
  for (let length = 1; unnamed.length > 0; length++) {
    const suffixes = unnamed.map(({ path }) => resolve(path).split(sep).slice(-length).join('/'))
    const sharers = new Map<string, number>()
    for (const suffix of suffixes) sharers.set(suffix, (sharers.get(suffix) ?? 0) + 1)
    unnamed = unnamed.filter((file, i) => {
      const suffix = suffixes[i] ?? ''
      const isShared = (sharers.get(suffix) ?? 0) > 1
      if (!isShared) sources.set(file, suffix)
      return isShared
    })
  }
  return files.map((file) => ({ ...file, source: sources.get(file) ?? file.path }))
}
