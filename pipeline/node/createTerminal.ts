import cliProgress from 'cli-progress'
import type { OnProgress, Progress } from '../../core/progress/Progress.ts'
import type { Terminal } from '../Terminal.ts'

/** Least time between two plain lines of progress. */
const LINE_INTERVAL_MS = 2000

/** The process's own streams; progress is a bar where standard error is a terminal, else now and then a line. */
export function createTerminal(): Omit<Terminal, 'reportDifferences'> {
  const tell = (line: string): void => {
    process.stderr.write(`${line}\n`)
  }
  return {
    print: (text) => {
      process.stdout.write(text)
    },
    tell,
    onProgress: process.stderr.isTTY ? createProgressBar() : createProgressLines(tell, Date.now),
  }
}

function createProgressBar(): OnProgress {
  let bar: cliProgress.SingleBar | null = null
  let label = ''
  return (progress) => {
    if (bar === null || progress.label !== label) {
      bar?.stop()
      label = progress.label
      const format = `${label} {bar} {value}/{total} ${progress.unit}, {eta_formatted} to go`
      bar = new cliProgress.SingleBar({ format, stream: process.stderr }, cliProgress.Presets.shades_classic)
      bar.start(progress.total, 0)
    }
    bar.update(progress.done)
    if (progress.done < progress.total) return
    bar.stop()
    bar = null
  }
}

/** Tells each piece of work when it ends, and in between every two seconds by `clock` (milliseconds). */
export function createProgressLines(tell: (line: string) => void, clock: () => number): OnProgress {
  let lastLineAt = clock()
  return (progress) => {
    if (progress.done < progress.total && clock() - lastLineAt < LINE_INTERVAL_MS) return
    lastLineAt = clock()
    tell(formatProgress(progress))
  }
}

function formatProgress({ label, done, total, unit }: Progress): string {
  return `${label}: ${done} of ${total} ${unit}`
}
