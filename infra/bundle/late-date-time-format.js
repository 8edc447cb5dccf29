/** Nest makes two formatters of dates when it is loaded, for logs that are not JSON; the first one takes 20 ms. */
export class LateDateTimeFormat {
  constructor(...settings) {
    this.settings = settings;
  }

  format(date) {
    this.made ??= new Intl.DateTimeFormat(...this.settings);
    return this.made.format(date);
  }
}
