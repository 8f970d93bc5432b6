// The two commands of the README, each complete on a fresh machine with Node 20 or later and npm:
//   npm start   installs what is missing, builds, and serves the app on the bundled demo run
//   npm test    installs what is missing (a browser too, where it may), and passes every check
// Plain Node without dependencies, since it runs before any are installed.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('.', import.meta.url))
process.chdir(root)

const [command, ...rest] = process.argv.slice(2)
if (Number(process.versions.node.split('.')[0]) < 20) stop(`SPD Atlas needs Node 20 or later, found ${process.version}`)
installPackages()
if (command === 'start') await start()
else if (command === 'test') test()
else stop(`unknown command ${command}, expected start or test`)

/** `npm ci`, unless the installed packages are already those of package-lock.json. */
function installPackages() {
  const stamp = 'node_modules/.spd-atlas-lock'
  const lock = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  run('npm', ['ci', '--no-audit', '--no-fund'])
  writeFileSync(stamp, lock)
}

async function start() {
  run('npx', ['vite', 'build', '--logLevel', 'warn'])
  const open = process.env.CI || (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
  const server = spawn('npx', ['vite', 'preview', ...(open ? [] : ['--open']), ...rest], { stdio: 'inherit' })
  const status = await new Promise((done) => server.on('exit', done))
  process.exit(status ?? 1)
}

function test() {
  const chromium = findChromium() ?? installChromium()
  mkdirSync('test-results', { recursive: true })
  run('npm', ['run', '--silent', 'lint'])
  run('npm', ['run', '--silent', 'typecheck'])
  const unit = 'test-results/unit.json'
  run('npx', ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${unit}`])
  run('npx', ['vite', 'build', '--logLevel', 'warn'])
  const browser = 'test-results/browser.json'
  run('npx', ['playwright', 'test'], { CHROMIUM: chromium })
  const units = JSON.parse(readFileSync(unit, 'utf8'))
  const browsers = JSON.parse(readFileSync(browser, 'utf8')).stats
  const passed = units.numPassedTests + browsers.expected + browsers.flaky
  const failed = units.numFailedTests + browsers.unexpected
  const skipped = units.numPendingTests + browsers.skipped
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
}

function findChromium() {
  const names = [process.env.CHROMIUM, 'chromium', 'chromium-browser', 'google-chrome']
  for (const name of names) {
    if (name && spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0) return which(name)
  }
}

function which(name) {
  return name.includes('/') ? name : spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim()
}

/** Debian's own package: no browser is downloaded from anywhere else. */
function installChromium() {
  const isRoot = process.getuid?.() === 0
  if (!isRoot || spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status !== 0) {
    stop(
      'the browser tests need Chromium: none found as chromium, chromium-browser or google-chrome.\n' +
        'Install it (Debian, Ubuntu: sudo apt-get install chromium) or set CHROMIUM=/path/to/chromium.',
    )
  }
  const environment = { DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '-qq'], environment)
  run('apt-get', ['install', '-y', '-qq', 'chromium'], environment)
  return which('chromium')
}

function run(program, args, environment = {}) {
  console.log(`> ${program} ${args.join(' ')}`)
  const result = spawnSync(program, args, { stdio: 'inherit', env: { ...process.env, ...environment } })
  if (result.error) stop(`${program}: ${result.error.message}`)
  if (result.status !== 0) process.exit(result.status ?? 1)
}

function stop(message) {
  console.error(message)
  process.exit(1)
}
