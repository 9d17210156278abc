package api

// What follows is the general part of the document that swag makes of the
// annotations in this package.
//
//	@title			tollgate
//	@version		1
//	@description	Says before a Kimi chat request is sent how many tokens it has, what it will cost, and whether it fits. The [playground](/playground) asks it as you type.
//	@license.name	Apache-2.0
//	@license.url	https://www.apache.org/licenses/LICENSE-2.0
//	@BasePath		/
//
//	@tag.name			estimate
//	@tag.description	A chat request in; tokens, cost, headroom and findings out.
//	@tag.name			vendor
//	@tag.description	Routes of the vendor's own API.
//	@tag.name			foreign
//	@tag.description	Counting endpoints of other vendors' APIs, for tools that were made for those. Models are Kimi's.
//	@tag.name			catalogue
//	@tag.description	Models and prices.
//	@tag.name			operation
//	@tag.description	Probes and metrics. They never need a key.
//
//	@securityDefinitions.apikey	BearerKey
//	@in							header
//	@name						Authorization
//	@description				A key of this service, as: Bearer followed by the key. Needed only where the service has keys.
