// What is chosen on the page, kept in its address, so that a link shows the same.

const DEFAULTS = { method: "declared", beside: "", policy: "error", temperature: "0.8", tokens: "200", curve: "loss", theme: "", tab: "talk", report: "" };

export class Settings {
  // @param element finds an element by its id
  constructor(element) {
    this.element = element;
    this.tab = DEFAULTS.tab;
  }

  get(name) {
    return name === "tab" ? this.tab : this.element(name).value;
  }

  set(name, value) {
    if (name === "tab") this.tab = value;
    else this.element(name).value = value;
  }

  // Takes everything from the address.
  load() {
    const given = new URLSearchParams(location.hash.slice(1));
    for (const [name, usual] of Object.entries(DEFAULTS)) this.set(name, given.get(name) ?? usual);
  }

  // Puts what is not as usual into the address.
  save() {
    const changed = Object.entries(DEFAULTS)
      .map(([name, usual]) => [name, this.get(name), usual])
      .filter(([name, value, usual]) => value && value !== usual && (name !== "report" || this.tab === "results"));
    const hash = new URLSearchParams(changed.map(([name, value]) => [name, value])).toString();
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname);
  }

  methods() {
    return [this.get("method") || DEFAULTS.method, this.get("beside")].filter(Boolean);
  }
}
