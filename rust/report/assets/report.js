
(() => {
  'use strict';
  const PAGE = 100;
  const PRINTED = 1000;
  const SEARCHED = 10;
  const DRAWN = 40;
  const OFFERED = 20;
  const PAUSE = 150;
  const { texts, trails, tags, tables } = JSON.parse(document.getElementById('data').textContent);
  const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
  const counted = (number) => number.toLocaleString('en-US');
  const debounced = (action) => {
    let timer;
    return () => { clearTimeout(timer); timer = setTimeout(action, PAUSE); };
  };
  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) { made.className = className; }
    if (text !== undefined) { made.textContent = text; }
    return made;
  };
  const named = (name) => tags[name] || [name, 'plain'];
  /** The groups of a trail; the person at its end stands in another column. */
  const groupsOf = (trail) => trails[trail].slice(0, -1);
  const trailText = (trail) => (trails[trail].length === 1 ? 'directly' : groupsOf(trail).map((step) => texts[step]).join(' › '));

  let lower;
  /** Which texts hold a word: 1 at the number of each. */
  const holding = (word) => {
    // Tags are found by the words that are shown.
    lower = lower || texts.map((text) => (tags[text] ? tags[text][0] : text).toLowerCase());
    const found = new Uint8Array(texts.length);
    for (let number = 0; number < lower.length; number += 1) { if (lower[number].includes(word)) { found[number] = 1; } }
    return found;
  };

  class Table {
    constructor({ id, kinds, cells }) {
      this.id = id;
      this.kinds = kinds;
      this.cells = cells;
      this.count = cells[0].length;
      this.order = Uint32Array.from({ length: this.count }, (_, row) => row);
      this.shown = this.order;
      this.page = 0;
      this.section = document.getElementById(id);
      if (this.count === 0) { return; }
      this.find = (selector) => this.section.querySelector(selector);
      this.body = this.find('tbody');
      this.told = this.find('.told');
      this.wire();
      this.render();
    }

    wire() {
      this.find('.more')?.remove();
      // A few rows are seen at a glance.
      this.find('.tools').hidden = this.count <= SEARCHED;
      const refine = () => { this.refine(); this.first(); };
      this.find('.search').addEventListener('input', debounced(refine));
      this.find('.filter')?.addEventListener('change', refine);
      this.find('.previous').addEventListener('click', () => this.turn(-1));
      this.find('.next').addEventListener('click', () => this.turn(1));
      this.body.addEventListener('click', (event) => {
        const button = event.target.closest('button.name');
        if (button) { picture.choose(button.dataset.kind, Number(button.dataset.text), button); }
      });
      this.heads = [...this.section.querySelectorAll('th')];
      this.heads.forEach((head, column) => {
        const button = element('button', 'sort', head.textContent);
        button.type = 'button';
        button.addEventListener('click', () => this.sort(column));
        head.replaceChildren(button);
      });
    }

    first() { this.page = 0; this.find('.scroll').scrollTop = 0; this.render(); }

    turn(by) { this.page += by; this.find('.scroll').scrollTop = 0; this.render(); }

    /** The place of each value of a column among all its values. */
    ranks(column) {
      const values = [...new Set(this.cells[column])];
      const kind = this.kinds[column];
      if (kind === 'number') { return new Map(values.map((value) => [value, value])); }
      const text = kind === 'trail' ? trailText : (value) => texts[value];
      const sorted = values.map((value) => [text(value), value]).sort((left, right) => collator.compare(left[0], right[0]));
      return new Map(sorted.map(([, value], rank) => [value, rank]));
    }

    sort(column) {
      const head = this.heads[column];
      const down = head.getAttribute('aria-sort') === 'ascending';
      this.heads.forEach((other) => other.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const ranks = this.ranks(column);
      const cells = this.cells[column];
      const keys = Float64Array.from({ length: this.count }, (_, row) => ranks.get(cells[row]));
      const sign = down ? -1 : 1;
      this.order = this.order.slice().sort((left, right) => sign * (keys[left] - keys[right]) || left - right);
      this.refine();
      this.first();
    }

    refine() {
      const words = this.find('.search').value.toLowerCase().split(/\s+/).filter(Boolean).map(holding);
      const tag = this.find('.filter')?.value || '';
      const tagged = this.kinds.indexOf('tag');
      const inTrail = words.map((found) => Uint8Array.from(trails, (steps) => (steps.some((step) => found[step]) ? 1 : 0)));
      const has = (row, at) => this.kinds.some((kind, column) => {
        const cell = this.cells[column][row];
        return kind === 'trail' ? inTrail[at][cell] : kind !== 'number' && words[at][cell];
      });
      this.shown = this.order.filter((row) => (!tag || texts[this.cells[tagged][row]] === tag) && words.every((_, at) => has(row, at)));
    }

    render(size = PAGE) {
      const from = this.page * size;
      const rows = this.shown.subarray(from, from + size);
      this.body.replaceChildren(...Array.from(rows, (row) => this.row(row)));
      this.find('.previous').disabled = this.page === 0;
      this.find('.next').disabled = from + size >= this.shown.length;
      this.find('.pager').hidden = this.shown.length <= size && this.page === 0;
      const all = this.shown.length === this.count ? counted(this.count) : `${counted(this.shown.length)} found among ${counted(this.count)}`;
      this.told.textContent = rows.length === 0 ? `None of ${counted(this.count)} found` : `${counted(from + 1)}–${counted(from + rows.length)} of ${all}`;
    }

    row(row) {
      const line = element('tr');
      this.kinds.forEach((kind, column) => line.append(this.cell(kind, this.cells[column][row])));
      return line;
    }

    cell(kind, value) {
      const cell = element('td', kind);
      if (kind === 'number') { cell.textContent = value < 0 ? '' : counted(value); return cell; }
      if (kind === 'trail') { cell.append(element('bdi', '', trailText(value))); return cell; }
      const text = texts[value];
      if (text === '') { return cell; }
      if (kind === 'tag') {
        const [words, tone] = named(text);
        cell.append(element('span', `pill ${tone}`, words));
      } else if (picture?.has(kind, value)) {
        const button = element('button', 'name');
        button.type = 'button';
        button.dataset.kind = kind;
        button.dataset.text = value;
        button.append(element('bdi', '', text));
        cell.append(button);
      } else {
        cell.append(element('bdi', '', text));
      }
      return cell;
    }
  }

  /** Mailboxes to the left, groups between, people to the right. */
  class Picture {
    constructor(table) {
      const at = (kind) => table.cells[table.kinds.indexOf(kind)];
      Object.assign(this, { people: at('person'), mailboxes: at('mailbox'), ways: at('trail'), outcomes: at('tag') });
      // What happened is a column of changes only; of a delegation it is the right.
      this.what = table.cells[table.id === 'changes' ? 1 : 3];
      this.isChange = table.id === 'changes';
      this.section = document.getElementById('picture');
      this.drawing = document.getElementById('picture-drawing');
      this.name = document.getElementById('picture-name');
      this.back = document.getElementById('picture-back');
      this.rows = { mailbox: this.index(this.mailboxes), person: this.index(this.people) };
      this.wire();
    }

    index(cells) {
      const rows = new Map();
      cells.forEach((text, row) => { if (texts[text] !== '') { (rows.get(text) || rows.set(text, []).get(text)).push(row); } });
      return rows;
    }

    wire() {
      this.section.hidden = false;
      const list = document.getElementById('picture-names');
      this.name.addEventListener('input', debounced(() => {
        const wanted = this.name.value.toLowerCase();
        const offered = [];
        for (const kind of ['mailbox', 'person']) {
          for (const text of this.rows[kind].keys()) {
            if (offered.length < OFFERED && texts[text].toLowerCase().includes(wanted)) { offered.push([kind, text]); }
          }
        }
        list.replaceChildren(...offered.map(([, text]) => { const option = element('option'); option.value = texts[text]; return option; }));
        const exact = offered.find(([, text]) => texts[text].toLowerCase() === wanted);
        if (exact) { this.draw(...exact); }
      }));
      this.name.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter') { return; }
        const wanted = this.name.value.toLowerCase();
        for (const kind of ['mailbox', 'person']) {
          for (const text of this.rows[kind].keys()) { if (texts[text].toLowerCase().includes(wanted)) { this.draw(kind, text); return; } }
        }
        document.getElementById('picture-told').textContent = 'Nobody and nothing of this name.';
      });
      this.back.addEventListener('click', () => { this.from.focus(); this.from.scrollIntoView({ block: 'center' }); });
      document.getElementById('picture-text').addEventListener('click', (event) => {
        const button = event.target.closest('button.name');
        if (button) { this.choose(button.dataset.kind, Number(button.dataset.text)); }
      });
      this.drawing.addEventListener('click', (event) => {
        const node = event.target.closest('.pick');
        if (node) { this.choose(node.dataset.kind, Number(node.dataset.text)); }
      });
    }

    has(kind, text) { return Boolean(this.rows[kind]?.has(text)); }

    /** A mailbox with groups that fits well: what the picture shows before somebody chooses. */
    suggest() {
      let best = null;
      let most = -1;
      for (const [text, rows] of this.rows.mailbox) {
        const deepest = rows.slice(0, DRAWN).reduce((deep, row) => Math.max(deep, trails[this.ways[row]].length), 0);
        const worth = 10 * Math.min(deepest, 4) - Math.abs(rows.length - 6);
        if (best === null || worth > most) { [best, most] = [text, worth]; }
      }
      if (best !== null) { this.draw('mailbox', best); }
    }

    choose(kind, text, from) {
      this.draw(kind, text);
      if (from) { this.from = from; }
      this.back.hidden = !this.from?.isConnected;
      const title = document.getElementById('picture-title');
      title.focus({ preventScroll: true });
      this.section.scrollIntoView();
    }

    draw(kind, text) {
      const all = this.rows[kind].get(text);
      const rows = all.slice(0, DRAWN);
      this.name.value = texts[text];
      const other = kind === 'mailbox' ? 'people' : 'mailboxes';
      document.getElementById('picture-told').textContent = `${texts[text]}: ${counted(all.length)} ${all.length === 1 ? 'line' : 'lines'}${all.length > rows.length ? `, the first ${rows.length} are drawn` : ''}.`;
      const graph = this.graph(kind, text, rows);
      this.drawing.replaceChildren(render(graph, `${texts[text]}, the ${other} connected with it, and the groups between. The same stands below as text.`));
      this.drawing.scrollTop = 0;
      const list = document.querySelector('#picture-text ul');
      list.replaceChildren(...rows.map((row) => this.line(kind, row)));
    }

    told(row) {
      const [outcome, tone] = named(texts[this.outcomes[row]]);
      const what = texts[this.what[row]];
      return this.isChange ? [`${what} · ${outcome}`, tone, /removed/i.test(what)] : [what, tone === 'caution' ? 'caution' : 'plain', false];
    }

    line(kind, row) {
      const [end, text] = kind === 'mailbox' ? ['person', this.people[row]] : ['mailbox', this.mailboxes[row]];
      const item = element('li');
      const button = element('button', 'name', texts[text] || 'no name');
      button.type = 'button';
      button.dataset.kind = end;
      button.dataset.text = text;
      if (this.has(end, text)) { item.append(button); } else { item.append(texts[text]); }
      const groups = groupsOf(this.ways[row]).map((step) => texts[step]);
      item.append(`: ${this.told(row)[0]}${groups.length ? `, by way of ${groups.join(' › ')}` : ''}`);
      return item;
    }

    /** Nodes with their column, and edges between them. */
    graph(kind, chosen, rows) {
      const nodes = new Map();
      const edges = new Map();
      const node = (key, label, type, depth, text) => {
        const made = nodes.get(key) || { key, label, type, text, depth, told: [], chosen: false };
        made.depth = Math.max(made.depth, depth);
        nodes.set(key, made);
        return made;
      };
      let deepest = 1;
      for (const row of rows) {
        const [told, tone, lost] = this.told(row);
        const mailbox = node(`m${this.mailboxes[row]}`, texts[this.mailboxes[row]] || 'no mailbox', 'mailbox', 0, this.mailboxes[row]);
        const groups = groupsOf(this.ways[row]).map((step, at) => node(`g${step}`, texts[step], 'group', at + 1));
        const person = node(`p${this.people[row]}`, texts[this.people[row]], 'person', 0, this.people[row]);
        (kind === 'mailbox' ? mailbox : person).chosen = true;
        const end = kind === 'mailbox' ? person : mailbox;
        end.told.push([told, tone]);
        deepest = Math.max(deepest, groups.length + 1);
        const way = [mailbox, ...groups, person];
        for (let at = 1; at < way.length; at += 1) {
          const key = `${way[at - 1].key} ${way[at].key}`;
          edges.set(key, { from: way[at - 1], to: way[at], lost: lost && (edges.get(key)?.lost ?? true) });
        }
      }
      for (const each of nodes.values()) { if (each.type === 'person') { each.depth = deepest; } }
      return { nodes: [...nodes.values()], edges: [...edges.values()], deepest };
    }
  }

  const SVG = 'http://www.w3.org/2000/svg';
  const svg = (name, attributes, text) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) { made.setAttribute(key, value); }
    if (text !== undefined) { made.textContent = text; }
    return made;
  };
  const cut = (text, length) => ([...text].length > length ? `${[...text].slice(0, length - 1).join('')}…` : text);

  /** Draws a graph: columns by depth, each in the order that crosses least with the one before. */
  function render({ nodes, edges, deepest }, description) {
    const [width, height, gap, row, edge] = [226, 46, 64, 58, 16];
    const columns = Array.from({ length: deepest + 1 }, (_, depth) => nodes.filter((node) => node.depth === depth));
    const rows = Math.max(...columns.map((column) => column.length));
    const place = (column) => column.forEach((node, at) => { node.y = edge + ((rows - column.length) * row) / 2 + at * row; });
    for (const column of columns) {
      for (const node of column) {
        const before = edges.filter((each) => each.to === node && each.from.y !== undefined).map((each) => each.from.y);
        node.wish = before.length ? before.reduce((sum, y) => sum + y, 0) / before.length : 0;
      }
      column.sort((left, right) => left.wish - right.wish || collator.compare(left.label, right.label));
      place(column);
    }
    const x = (node) => edge + node.depth * (width + gap);
    const size = [2 * edge + (deepest + 1) * width + deepest * gap, 2 * edge + rows * row - (row - height)];
    const drawn = svg('svg', { role: 'img', width: size[0], height: size[1], viewBox: `0 0 ${size[0]} ${size[1]}`, 'aria-label': description });
    for (const { from, to, lost } of edges) {
      const [left, right, top, bottom] = [x(from) + width, x(to), from.y + height / 2, to.y + height / 2];
      const middle = (left + right) / 2;
      drawn.append(svg('path', { d: `M${left} ${top}C${middle} ${top} ${middle} ${bottom} ${right} ${bottom}`, class: lost ? 'lost' : '' }));
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
        svg('text', { x: 16, y: 19, class: 'label' }, cut(node.label, 30)),
        svg('text', { x: 16, y: 35, class: 'kind' }, cut(kind, 36)),
      );
      drawn.append(group);
    }
    return drawn;
  }

  const connected = tables.find(({ id, cells }) => (id === 'changes' || id === 'delegations') && cells[0].length > 0);
  const picture = connected && new Picture(connected);
  const all = tables.map((table) => new Table(table)).filter((table) => table.count > 0);
  picture?.suggest();
  addEventListener('beforeprint', () => all.forEach((table) => {
    table.screen = table.page;
    table.page = 0;
    table.render(PRINTED);
  }));
  addEventListener('afterprint', () => all.forEach((table) => { table.page = table.screen; table.render(); }));
})();
