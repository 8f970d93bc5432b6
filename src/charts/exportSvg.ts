/** What an exported figure says beside its drawing. */
export interface FigureCaption {
  readonly title: string
  readonly subtitle: string
  /** Run, checkpoint, corpus and threshold the numbers come from. */
  readonly provenance: string
}

const SVG = 'http://www.w3.org/2000/svg'
/** Properties that carry a figure's look; custom properties and classes mean nothing outside the page. */
const INLINED = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'paint-order',
] as const
const MARGIN = 16
const TITLE_HEIGHT = 48
const FOOT_HEIGHT = 24

/** A drawing of the page as an SVG file of its own: colours resolved as shown, caption above, provenance below. */
export function exportSvg(drawing: SVGSVGElement, caption: FigureCaption): string {
  const { width, height } = drawing.getBoundingClientRect()
  const copy = drawing.cloneNode(true)
  if (!(copy instanceof SVGSVGElement)) throw new TypeError('a copy of an SVG element is one')
  inlineStyles(drawing, copy)
  copy.setAttribute('x', String(MARGIN))
  copy.setAttribute('y', String(MARGIN + TITLE_HEIGHT))

  const file = document.createElementNS(SVG, 'svg')
  const total = { width: width + 2 * MARGIN, height: height + TITLE_HEIGHT + FOOT_HEIGHT + 2 * MARGIN }
  setAttributes(file, { xmlns: SVG, ...total, viewBox: `0 0 ${total.width} ${total.height}` })
  const style = getComputedStyle(document.documentElement)
  const paper = document.createElementNS(SVG, 'rect')
  setAttributes(paper, { width: '100%', height: '100%', fill: style.backgroundColor })
  const inks = { strong: style.color, soft: getComputedStyle(drawing).color }
  file.append(
    paper,
    copyHatch(),
    text(caption.title, { y: MARGIN + 14, size: 15, weight: 600, fill: inks.strong }),
    text(caption.subtitle, { y: MARGIN + 34, size: 12, weight: 400, fill: inks.soft }),
    copy,
    text(caption.provenance, { y: total.height - MARGIN, size: 11, weight: 400, fill: inks.soft }),
  )
  return new XMLSerializer().serializeToString(file)
}

/** The SVG as a PNG of twice its size in pixels. */
export async function rasterise(svg: string): Promise<Blob> {
  const image = new Image()
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`
  await image.decode()
  const canvas = document.createElement('canvas')
  canvas.width = 2 * image.naturalWidth
  canvas.height = 2 * image.naturalHeight
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error('the canvas gives no PNG')) : resolve(blob)), 'image/png')
  })
}

function inlineStyles(source: Element, copy: Element): void {
  const computed = getComputedStyle(source)
  const declarations = INLINED.map((name) => `${name}:${computed.getPropertyValue(name)}`)
  copy.setAttribute('style', declarations.join(';'))
  copy.removeAttribute('class')
  for (const [i, child] of [...source.children].entries()) {
    const twin = copy.children[i]
    if (child.localName === 'style') twin?.replaceChildren()
    else if (twin !== undefined) inlineStyles(child, twin)
  }
}

function copyHatch(): Element {
  const page = document.getElementById('hatch')
  const defs = document.createElementNS(SVG, 'defs')
  if (page === null) return defs
  const copy = page.cloneNode(true)
  const [line] = page.children
  if (copy instanceof Element && line !== undefined && copy.firstElementChild !== null) {
    inlineStyles(line, copy.firstElementChild)
  }
  defs.append(copy)
  return defs
}

interface TextStyle {
  readonly y: number
  readonly size: number
  readonly weight: number
  readonly fill: string
}

function text(content: string, { y, size, weight, fill }: TextStyle): SVGTextElement {
  const element = document.createElementNS(SVG, 'text')
  setAttributes(element, { x: MARGIN, y, fill, 'font-size': size, 'font-weight': weight, 'font-family': 'sans-serif' })
  element.textContent = content
  return element
}

function setAttributes(element: Element, attributes: Readonly<Record<string, string | number>>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value))
}
