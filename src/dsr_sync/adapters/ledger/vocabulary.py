"""The words that error texts of APIs are made of: the only ones of such a text that the ledger keeps.

Everything else may be a person's name, a user id in another case, or a part of an address, and nobody can tell. So no
word gets in here that is also a common first name. A word that is missing costs the ledger a word; the receipt in the
base has the whole text.

A list that changes is not the list by which the texts in existing ledgers were kept: the daily comparison then takes
the receipts with such texts for edited, and writes them as the ledger has them.
"""

from typing import Final

_SENTENCES = """
a about above according across after again against all allow allowed already also although always an and another any
anymore anything are around as at away back be because been before began begin behind being below best better between
beyond both but by can cannot could did different do does doing done down due during each either else empty enough error
errors etc even ever every everything except far few first following for forbidden from further had has have having help
here how however if in inside instead into is it its itself just kind know known last late later least left less like
likely list listed little longer made make many maybe mean means meant meanwhile might more most much must near need
needed needs neither never new next no none nor not nothing now of off often old on once one only onto or other others
our out outside over own part per perhaps please possible possibly previous previously probably rather reason reasons
right same second seconds see seem seems seen several shall should similar since single so some something soon still
such than that the their them then there therefore these they thing things this those though through thus time times to
together too toward towards twice two three four five under unless until unlike up upon us use used uses using usually
very via was way we well were what when where whether which while who whole whose why with within without would wrong
yes yet you your sorry
"""

_WHAT_HAPPENED = """
abort aborted accept acceptable accepted access acknowledged acquire act acting action actions activate activated active
add added adding affected aggregated ambiguous answer answered answers appear appears apply applied approved archived
asked assigned associated attach attached attempt attempted attempts attempting authenticate authenticated
authenticating authentication authorise authorised authorize authorized authorization authorisation available backoff
bad badrequest banned based become becomes blank block blocked blocking bounced broke broken build busy bypass call
called caller calling calls cancel canceled cancelled cap capped cause caused change changed changes changing check
checked checking choose chosen clear cleared close closed closing collide collision come comes compare complete
completed completely concurrent condition conditional configure configured configuration confirm confirmed conflict
conflicting conflicts connect connected connecting connection connections consider contain contained containing contains
continue continued convert converted copied correct corrected corrupt corrupted could count counted crash crashed create
created creating creation cut deactivated dead decide declined decode decoded deduplicated defer deferred define defined
delay delayed delete deleted deletes deleting deletion deletions deliver delivered delivery denied deny depends
deprecated deserialize detect detected determine disable disabled disallowed disconnect disconnected discontinued
display drop dropped duplicate duplicated duplicates enable enabled encode encoded encoding encountered end ended ending
enqueue enqueued ensure enter entered erase erased erasing erasure evaluate exceed exceeded exceeding exceeds exception
exceptions exclude excluded execute executed executing execution exist existed existing exists expect expected expects
expire expired expires expiry explicitly extend extended fail failed failing fails failure failures fatal fetch fetched
fetching filter filtered find finds finish finished fit fix flush follow followed forget forgotten format formatted
forward forwarded found gave generate generated get gets getting give given gives go goes going gone got handle handled
handling hang happen happened held hit hold identify identified identification ignore ignored illegal implemented import
imported improper inaccessible inactive include included includes including incompatible incomplete inconsistent
incorrect incorrectly indicate indicated ineligible initialize initialized insert inserted insufficient interrupted
invalid invalidated invalidly investigate invoke invoked isolated issue issued issues join keep keeps kept lack lacked
lacking lacks limit limited limiting limits load loaded loading locate located lock locked logged login logout look
looked lookup looking lose lost malformed maintenance manage managed map mapped mapping match matched matches matching
maximum merge merged minimum mismatch miss missed misses missing modified modify move moved moving multiple nonexistent
notfound notify notified obsolete obtain obtained occur occurred occurs omitted opened opening operate operation
operations opted outage outdated overflow overload overloaded overridden overwritten owned parse parsed parsing partial
partially pass passed passing pause paused pending perform performed performing permanent permanently permission
permissions permit permitted persist persisted point poll polled populated post posted postponed prepare present prevent
prevented proceed process processed processes processing produce prohibited propagated provide provided provides
providing provisioned publish published pull purge purged purging push put queried query queries querying queue queued
quota quotas race raise raised ran reach reached read readonly reading ready receive received receiving recognise
recognised recognize recognized reconnect record recorded records recover redact redacted redirect redirected
redirecting refer refresh refreshed refuse refused refuses register registered reject rejected rejects release released
removal remove removed removes removing rename renamed renew repeat repeated replace replaced replied reply report
reported request requested requester requesting requests require required requirement requirements requires reserved
reset resets resolve resolved resolving respond responded responding response responses restart restored restrict
restricted restriction restrictions result resulted results resume retried retries retry retrying return returned
returning returns revoke revoked rotate rotated run running runs save saved schedule scheduled search searched searching
seek select selected send sending sends sent serialize serve served serving set sets setup share shared show shown shut
shutdown signed skip skipped solve specified specify split stale start started starting starts stay stop stopped stops
store stored submit submitted subscribe subscribed succeed succeeded success successful successfully supplied supply
support supported supports suppress suppressed suppression suspended switch sync synced synchronised synchronized
syncing take taken takes temporarily temporary terminate terminated test tested throttle throttled throttling throw
thrown timed timeout timeouts transfer transferred transform transient translate trial tried tries trigger triggered
truncated trusted try trying type typed unable unacceptable unaccepted unauthenticated unauthorised unauthorized
unavailable unblock undefined unexpected unexpectedly unhandled unidentified uninstalled unique unknown unlock
unmatched unmodified unpermitted unprocessable unprocessed unreachable unreadable unrecognised unrecognized unregistered
unresolved unresponsive unset unsubscribe unsubscribed unsuccessful unsupported unsuppress untrusted unusable update
updated updates updating upgrade upgraded upload uploaded upsert validate validated validating validation verified
verify verifying violate violated violates violation wait waited waiting want wanted warn warned warning warnings
withdrawn work worked working works write writes writing written
"""

_WHAT_IT_IS_ABOUT = """
account accounts address addresses admin administrator agent alias aliases anonymous api apis app application
applications apps argument arguments array arrays article asset assets async attribute attributes audience audiences
auth batch batches bearer body boolean bot browser bucket buffer bulk byte bytes cache campaign campaigns category
certificate certificates channel channels character characters class client clients cloud code codes cohort cohorts
collection collections column columns command company consent contact contacts content context cookie cookies
credential credentials currency current cursor custom customer customers data database databases dataset date dates day
days default dependency destination destinations details developer device devices dictionary digit directory document
documents domain domains edge email emails endpoint endpoints engine entities entity entries entry enum environment
event events external feature features field fields file files flag float folder form formats forms function functions
gateway gdpr ccpa global group groups hash header headers host hostname hostnames hour hourly hours html http https id
ids identifier identifiers identities identity image index input instance instances integer integration integrations
internal invoice ip item items job jobs json key keys label language latency lead leads length level library license
licence line lines link links local location log logs mail mailbox main management member members memory message
messages metadata method methods microseconds milliseconds minute minutes mode model module month monthly months name
names namespace network node null number numbers object objects option optional options order orders organisation
organization organizations origin output owner package packet pages parameter parameters params parent password path
payload payloads period person persons phone plan plans plugin policies policy port portal positive prefix primary
privacy privilege privileges product profile profiles program project projects properties property protocol provider
providers proxy public rate rates reference references region regulation regulations relation remote repository
resource resources role roles route row rows rule rules schema scheme scope scopes script secret secrets section
segment segments sequence server servers service services session sessions setting settings signature site sites size
socket source sources space spaces ssl stack stage state statement status statuses step storage stream streams string
strings structure subject subjects subscriber subscribers subscription subscriptions suffix support syntax system
systems table tables tag tags target task tasks team template tenant tenants text thread threads throughput tier
timestamp tls token tokens tool topic total track tracking traffic trait traits transaction transactions upstream
downstream uri uris url urls usage user username usernames users utc uuid value values variable variables vendor version
versions view warehouse webhook webhooks website window worker workers workflow workspace workspaces xml yaml zone
"""

_HOW = """
absent abnormal actual additional alternative automatic automatically certain common currently daily dangerous directly
disallow duplicate dynamic early effective eligible equal exact exactly existent extra fast fewer final finally fresh
full fully general generic greater half hard hidden high higher highest immediately important inner invalid large larger
largest legacy legal live low lower lowest manual manually mandatory maximal minimal negative nested normal oversized
outer past plain private proper properly quickly raw recent recently regular related relevant remaining required root
safe secure sensitive separate slow slowly small smaller soft specific stable standard static strict successful
sufficient sure synchronous too top unsafe upper valid validity visible whatever wide zero
"""

_HTTP = """
bad gateway moved permanently multi status partial content payment precondition expectation misdirected teapot
unprocessable entity upgrade uri range satisfiable loop variant negotiates insufficient processing hints
continue protocols nonauthoritative ok conflict gone length too large many media unavailable legal reasons internal
get head options patch delete put post
dns getaddrinfo tcp eof econnrefused econnreset etimedout enotfound handshake peer pipe hang hung abruptly
reuse keepalive
"""

WORDS: Final = frozenset(f"{_SENTENCES} {_WHAT_HAPPENED} {_WHAT_IT_IS_ABOUT} {_HOW} {_HTTP}".split())
"""In lower case."""
