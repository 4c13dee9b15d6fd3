/** The path of the site's address, `/` at both ends: SITE_BASE, such as `/name` for the pages of a repository. */
export const siteBase = `/${process.env.SITE_BASE ?? ""}/`.replace(/\/+/g, "/");
