const SVG = 'http://www.w3.org/2000/svg';
const SMALLEST = 0.85; // of the size in which texts read best
const svg = (name, attributes, text) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) { made.setAttribute(key, value); }
  if (text !== undefined) { made.textContent = text; }
  return made;
};
const ruler = document.createElement('canvas').getContext('2d');

/** As much of a text as fits a width in its font: letters differ, and bold ones are wider. */
const cut = (text, width, font) => {
  ruler.font = `${font} ${getComputedStyle(document.body).fontFamily}`;
  if (ruler.measureText(text).width <= width) { return text; }
  // More letters than that fit no box.
  const letters = [...text].slice(0, 80);
  while (letters.length && ruler.measureText(`${letters.join('')}…`).width > width) { letters.pop(); }
  return `${letters.join('')}…`;
};

/** An edge with a place in each column that it passes, so that it runs between the boxes there and not behind them. */
const through = ({ from, to, lost }) => {
  const way = [from];
  for (let depth = from.depth + 1; depth < to.depth; depth += 1) { way.push({ depth, label: to.label, way: true }); }
  return { way: [...way, to], lost };
};

/** Draws a graph: columns by depth, each in the order that crosses least with the one before; somewhat smaller where that makes it fit the room. */
function render({ nodes, edges, deepest }, description, room) {
  const [width, height, gap, row, edge] = [222, 46, 36, 58, 16];
  const places = [...nodes, ...edges.flatMap(({ way }) => way.filter((place) => place.way))];
  const columns = Array.from({ length: deepest + 1 }, (_, depth) => places.filter((place) => place.depth === depth));
  const before = new Map(places.map((place) => [place, []]));
  for (const { way } of edges) { for (let at = 1; at < way.length; at += 1) { before.get(way[at]).push(way[at - 1]); } }
  const rows = Math.max(...columns.map((column) => column.length));
  const place = (column) => column.forEach((node, at) => { node.y = edge + ((rows - column.length) * row) / 2 + at * row; });
  for (const column of columns) {
    for (const node of column) {
      // Groups that are members of each other have no order: what is not placed yet tells nothing.
      const left = before.get(node).filter(({ y }) => y !== undefined);
      node.wish = left.length ? left.reduce((sum, { y }) => sum + y, 0) / left.length : 0;
    }
    column.sort((left, right) => left.wish - right.wish || collator.compare(left.label, right.label));
    place(column);
  }
  const x = (node) => edge + node.depth * (width + gap);
  const size = [2 * edge + (deepest + 1) * width + deepest * gap, 2 * edge + rows * row - (row - height)];
  const scale = Math.min(1, Math.max(SMALLEST, room / size[0]));
  const drawn = svg('svg', { role: 'img', width: Math.floor(size[0] * scale), height: Math.ceil(size[1] * scale), viewBox: `0 0 ${size[0]} ${size[1]}`, 'aria-label': description });
  for (const { way, lost } of edges) {
    let line = `M${x(way[0]) + width} ${way[0].y + height / 2}`;
    for (let at = 1; at < way.length; at += 1) {
      const [left, right, top, bottom] = [x(way[at - 1]) + width, x(way[at]), way[at - 1].y + height / 2, way[at].y + height / 2];
      const middle = (left + right) / 2;
      line += `C${middle} ${top} ${middle} ${bottom} ${right} ${bottom}${way[at].way ? `H${right + width}` : ''}`;
    }
    drawn.append(svg('path', { d: line, class: lost ? 'lost' : '' }));
  }
  for (const node of nodes) {
    const tone = node.told.length ? node.told[0][1] : '';
    const group = svg('g', { class: `${node.type} ${tone} ${node.chosen ? 'chosen' : ''} ${node.text !== undefined ? 'pick' : ''}`, transform: `translate(${x(node)} ${node.y})` });
    if (node.text !== undefined) { group.dataset.kind = node.type; group.dataset.text = node.text; }
    const first = node.told[0]?.[0] ?? { mailbox: 'Mailbox', group: 'Group', person: 'Person' }[node.type];
    const kind = node.told.length > 1 ? `${first} and ${node.told.length - 1} more` : first;
    group.append(
      svg('title', {}, `${node.label}\n${node.told.map(([told]) => told).join('\n')}`),
      svg('rect', { width, height, rx: node.type === 'person' ? 23 : 5 }),
      svg('text', { x: 16, y: 19, class: 'label' }, cut(node.label, width - 28, node.chosen ? '650 13px' : '13px')),
      svg('text', { x: 16, y: 35, class: 'kind' }, cut(kind, width - 28, '11px')),
    );
    drawn.append(group);
  }
  return drawn;
}
