/** A section with its tools: search, filter, order, pages. */
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
