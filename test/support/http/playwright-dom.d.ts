// What playwright-core's types take from the DOM. The library itself would put `window` and its kind into every file.
interface Node {
  readonly nodeType: number;
}
interface HTMLElement extends Node {}
interface SVGElement extends Node {}
interface HTMLElementTagNameMap {
  readonly a: HTMLElement;
}
