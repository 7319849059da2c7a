#include "incremental/report/charts/page_script.h"

namespace mneme {

const char* page_script() {
  return R"JS(
const kept = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-opacity', 'stroke-dasharray', 'stroke-linejoin',
  'stroke-linecap', 'font-size', 'font-family', 'font-weight', 'text-anchor', 'paint-order', 'image-rendering'];
// Copies a drawing and writes the style of each element into the element. Elements that the page hides are left out.
function inlined(element) {
  if (element.nodeType !== 1) return element.cloneNode();
  const style = getComputedStyle(element);
  if (style.display === 'none') return document.createTextNode('');
  const copy = element.cloneNode();
  copy.removeAttribute('class');
  copy.setAttribute('style', kept.map(name => name + ':' + style.getPropertyValue(name)).join(';'));
  for (const child of element.childNodes) copy.append(inlined(child));
  return copy;
}
function svgOf(figure) {
  const drawing = figure.querySelector('svg.chart'), box = drawing.viewBox.baseVal;
  const legend = figure.querySelector('.legend'), scale = box.width / drawing.clientWidth;
  const above = legend ? legend.offsetHeight * scale + 4 : 0;
  const file = inlined(drawing);
  const paper = document.createElementNS(drawing.namespaceURI, 'rect');
  for (const [name, value] of [['x', box.x], ['y', box.y - above], ['width', box.width], ['height', box.height + above],
    ['fill', getComputedStyle(document.body).backgroundColor]]) paper.setAttribute(name, value);
  file.prepend(paper);
  file.setAttribute('viewBox', [box.x, box.y - above, box.width, box.height + above].join(' '));
  file.setAttribute('width', box.width);
  file.setAttribute('height', box.height + above);
  for (const entry of legend ? legend.children : []) {
    const corner = legend.getBoundingClientRect(), at = entry.getBoundingClientRect();
    const sample = inlined(entry.querySelector('svg')), name = document.createElementNS(drawing.namespaceURI, 'text');
    const group = document.createElementNS(drawing.namespaceURI, 'g');
    group.setAttribute('transform', `translate(${(at.left - corner.left) * scale + 8} ` +
      `${box.y - above + (at.top - corner.top) * scale}) scale(${scale})`);
    sample.setAttribute('y', 4);
    const style = getComputedStyle(entry);
    name.setAttribute('x', Number(sample.getAttribute('width')) + 6);
    name.setAttribute('y', 15);
    name.setAttribute('style', `fill:${style.color};font-size:${style.fontSize};font-family:${style.fontFamily}`);
    name.textContent = entry.textContent;
    group.append(sample, name);
    file.append(group);
  }
  return new XMLSerializer().serializeToString(file);
}
for (const figure of document.querySelectorAll('figure')) {
  const caption = figure.querySelector('figcaption');
  if (!caption || !figure.querySelector('svg.chart')) continue;
  const save = document.createElement('button');
  save.className = 'save';
  save.textContent = 'Save as SVG';
  save.onclick = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([svgOf(figure)], {type: 'image/svg+xml'}));
    link.download = caption.querySelector('b').textContent.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') + '.svg';
    link.click();
  };
  caption.append(' ', save);
}
)JS";
}

}  // namespace mneme
