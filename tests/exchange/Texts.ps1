# What Exchange says, in the languages that it is imitated in (exo 1.8). The module under test must not depend on any of these words.
$script:Texts = @{
    en = @{
        Truncated    = 'There are more results available than are currently displayed. To view them, increase the value for the ResultSize parameter.'
        NotConnected = 'You must call the Connect-ExchangeOnline cmdlet before calling any other cmdlets.'
        NotFound     = "Ex7F9E4D|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|The operation couldn't be performed because object '{0}' couldn't be found on 'AM7PR01A03DC001.EURPR01A003.PROD.OUTLOOK.COM'."
        Busy         = 'Ex2A7B10|Microsoft.Exchange.Data.Storage.ServerBusyException|The server is too busy. Please try again later.'
        BadRequest   = 'Ex0B11C2|Microsoft.Exchange.Configuration.Tasks.ThrowTerminatingErrorException|Invalid Operation: {0}'
    }
    de = @{
        Truncated    = 'Es liegen mehr Ergebnisse vor, als angezeigt werden. Erhöhen Sie den Wert des Parameters ResultSize, um sie zu sehen.'
        NotConnected = 'Vor allen anderen Cmdlets muss das Cmdlet Connect-ExchangeOnline aufgerufen werden.'
        NotFound     = "Ex7F9E4D|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|Der Vorgang ist nicht möglich, da das Objekt '{0}' auf 'AM7PR01A03DC001.EURPR01A003.PROD.OUTLOOK.COM' nicht gefunden wurde."
        Busy         = 'Ex2A7B10|Microsoft.Exchange.Data.Storage.ServerBusyException|Der Server ist ausgelastet. Versuchen Sie es später erneut.'
        BadRequest   = 'Ex0B11C2|Microsoft.Exchange.Configuration.Tasks.ThrowTerminatingErrorException|Ungültiger Vorgang: {0}'
    }
}

# The compiled commands report a REST failure instead.
$script:RestNotFound = 'Error while querying REST service. HttpStatusCode=404 ErrorMessage={{"error":{{"code":"NotFound","message":"Object ''{0}'' could not be found."}}}}'

function Get-Text([string]$name, [string]$subject = '') {
    [string]::Format($script:Texts[$script:StandIn.Options.Language][$name], $subject)
}
