# Invoke-RestMethod, as scripts call an HTTP API with it.

function Invoke-RestMethod {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)][uri]$Uri, [string]$Method = 'Get', [Collections.IDictionary]$Headers = @{}, [Parameter(ValueFromPipeline)][object]$Body,
        [string]$ContentType, [switch]$SkipCertificateCheck, [int]$TimeoutSec = 100, [string]$StatusCodeVariable, [switch]$SkipHttpErrorCheck)
    $handler = [Net.Http.HttpClientHandler]::new()
    if ($SkipCertificateCheck) { $handler.ServerCertificateCustomValidationCallback = [Net.Http.HttpClientHandler]::DangerousAcceptAnyServerCertificateValidator }
    $client = [Net.Http.HttpClient]::new($handler)
    $client.Timeout = [timespan]::FromSeconds($TimeoutSec)
    try {
        $request = [Net.Http.HttpRequestMessage]::new([Net.Http.HttpMethod]::new($Method.ToUpperInvariant()), $Uri)
        foreach ($name in $Headers.Keys) {
            if ($name -eq 'Content-Type') { $ContentType = $Headers[$name] } else { $null = $request.Headers.TryAddWithoutValidation($name, "$($Headers[$name])") }
        }
        if ($null -ne $Body) {
            $request.Content = [Net.Http.StringContent]::new("$Body", [Text.Encoding]::UTF8)
            $request.Content.Headers.ContentType = [Net.Http.Headers.MediaTypeHeaderValue]::Parse($(if ($ContentType) { $ContentType } else { 'application/x-www-form-urlencoded' }))
        }
        $response = $client.SendAsync($request).GetAwaiter().GetResult()
        $text = $response.Content.ReadAsStringAsync().GetAwaiter().GetResult()
        if ($StatusCodeVariable) { $PSCmdlet.SessionState.PSVariable.Set($StatusCodeVariable, [int]$response.StatusCode) }
        if (-not $response.IsSuccessStatusCode -and -not $SkipHttpErrorCheck) {
            $failure = [Net.Http.HttpRequestException]::new("Response status code does not indicate success: $([int]$response.StatusCode) ($($response.ReasonPhrase)).", $null, $response.StatusCode)
            $record = [Management.Automation.ErrorRecord]::new($failure, 'WebCmdletWebResponseException', 'InvalidOperation', $request)
            if ($text) { $record.ErrorDetails = [Management.Automation.ErrorDetails]::new($text) }
            $PSCmdlet.WriteError($record)
            return
        }
        $type = $response.Content.Headers.ContentType
        if ($type -and $type.MediaType -match '[/+]json$' -and $text) { $text | ConvertFrom-Json -NoEnumerate } else { $text }
    }
    finally { $client.Dispose() }
}
